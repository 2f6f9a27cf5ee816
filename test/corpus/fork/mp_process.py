# title: a forked Process started from a threaded program
# expect: fork-with-threads
# requires: fork
# exit: 0
import multiprocessing
import threading
import time


def child():
    print("child")


def beat(stop):
    while not stop.wait(0.1):
        pass


if __name__ == "__main__":
    stop = threading.Event()
    threading.Thread(target=beat, args=(stop,)).start()
    time.sleep(0.2)
    p = multiprocessing.get_context("fork").Process(target=child)
    p.start()  # expect: fork-with-threads
    p.join()
    stop.set()
