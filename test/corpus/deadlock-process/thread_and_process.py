# title: a thread of the parent and a child process cross an mp.Lock and a join
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp
import threading


def child(lock):
    with lock:  # expect: deadlock
        pass


def keeper(lock, process):
    with lock:
        process.start()
        process.join()  # expect: deadlock


if __name__ == "__main__":
    lock = mp.get_context("spawn").Lock()
    process = mp.get_context("spawn").Process(target=child, args=(lock,))
    t = threading.Thread(target=keeper, args=(lock, process))
    t.start()
    t.join()
