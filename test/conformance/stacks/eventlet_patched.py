"""Eventlet in the place of threads: everything is patched, as its servers do."""
# requires: eventlet

import eventlet

eventlet.monkey_patch()

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

box, lock, order = queue.Queue(), threading.Lock(), []


def work(number: int) -> None:
    time.sleep(0.001 * (5 - number))
    with lock:
        order.append(number)
    box.put(number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
for thread in threads:
    thread.start()
print(sorted(box.get(timeout=20) for _ in range(5)))
for thread in threads:
    thread.join()
print(sorted(order))
with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(abs, range(-5, 0))))
print(list(eventlet.GreenPool(3).imap(lambda n: n * n, range(5))))
