# title: the parent waits two seconds for a child's message
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
import multiprocessing as mp
import time


def child(conn):
    time.sleep(2)
    conn.send("done")


if __name__ == "__main__":
    here, there = mp.Pipe()
    p = mp.Process(target=child, args=(there,))
    p.start()
    print(here.recv())
    p.join()
