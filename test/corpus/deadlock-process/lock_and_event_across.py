# title: the parent holds a shared lock until an event that the child sets only under that lock
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import multiprocessing


def child(lock, done):
    with lock:  # expect: deadlock|hang
        done.set()


def main():
    lock, done = multiprocessing.Lock(), multiprocessing.Event()
    process = multiprocessing.Process(target=child, args=(lock, done))
    with lock:
        process.start()
        done.wait()
    process.join()


if __name__ == "__main__":
    main()
