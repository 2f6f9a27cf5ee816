# title: forks after its threads have ended
# expect: nothing
# not: warning
# requires: fork
# exit: 0
import multiprocessing
import threading
import time


def child(conn):
    conn.send("up")


if __name__ == "__main__":
    ts = [threading.Thread(target=time.sleep, args=(0.1,)) for _ in range(3)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    ctx = multiprocessing.get_context("fork")
    a, b = ctx.Pipe()
    p = ctx.Process(target=child, args=(b,))
    p.start()
    print(a.recv())
    p.join()
