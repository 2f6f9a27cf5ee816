# title: a child waits for the end of its parent, which joins it
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing


def child():
    multiprocessing.parent_process().join()  # expect: deadlock


if __name__ == "__main__":
    process = multiprocessing.Process(target=child)
    process.start()
    process.join()  # expect: deadlock
