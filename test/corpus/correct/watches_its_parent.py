# title: a thread of a worker waits for the parent's end, as watchdogs do, while the parent joins the worker
# expect: nothing
# not: warning
# exit: 0
import multiprocessing
import threading
import time


def child():
    parent = multiprocessing.parent_process()
    threading.Thread(target=parent.join, daemon=True).start()
    time.sleep(2)


if __name__ == "__main__":
    process = multiprocessing.Process(target=child)
    process.start()
    process.join()
