# title: parent joins a child that needs the lock the parent holds
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


def report(lock, value):
    with lock:  # expect: deadlock
        value.value += 1


if __name__ == "__main__":
    lock = mp.Lock()
    value = mp.Value("i", 0)
    with lock:
        child = mp.Process(target=report, args=(lock, value))
        child.start()
        child.join()  # expect: deadlock
        print(value.value)
