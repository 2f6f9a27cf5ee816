# title: a child process waits for an Event the parent forgets
# expect: hang
# timeout: 4
# exit: timeout
import multiprocessing as mp


def child(start):
    start.wait()  # expect: hang
    print("started")


if __name__ == "__main__":
    start = mp.Event()
    p = mp.Process(target=child, args=(start,))
    p.start()
    p.join()
