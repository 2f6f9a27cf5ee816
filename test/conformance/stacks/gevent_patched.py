"""gevent with everything monkey-patched: greenlets in the place of threads."""
# requires: gevent

from gevent import monkey

monkey.patch_all()

import queue
import socket
import subprocess
import sys
import threading
import time

import gevent
import gevent.pool

print(type(threading.Lock()).__module__, threading.current_thread().name)
box: "queue.Queue[int]" = queue.Queue(3)
threads = [threading.Thread(target=lambda: [box.put(i) for i in range(10)]) for _ in range(3)]
for thread in threads:
    thread.start()
print(sum(box.get() for _ in range(30)))
for thread in threads:
    thread.join()


def echo(connection: socket.socket) -> None:
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


def serve(listener: socket.socket) -> None:
    for _ in range(10):
        gevent.spawn(echo, listener.accept()[0])


def ask(index: int) -> int:
    with socket.create_connection(listener.getsockname()) as connection:
        connection.sendall(b"%03d" % index)
        return int(connection.recv(100))


listener = socket.create_server(("127.0.0.1", 0))
server = gevent.spawn(serve, listener)
print(sorted(gevent.pool.Pool(5).map(ask, range(10))))
server.join()
began = time.monotonic()
gevent.joinall([gevent.spawn(time.sleep, 0.05) for _ in range(200)])
print(time.monotonic() - began < 5)
lock, order = threading.RLock(), []


def locked(index: int) -> None:
    with lock, lock:
        time.sleep(0.001)
        order.append(index)


for job in [gevent.spawn(locked, index) for index in range(20)]:
    job.join()
print(order == sorted(order), gevent.get_hub().threadpool.apply(pow, (2, 10)))
print(subprocess.check_output([sys.executable, "-c", "import threading; print(threading.active_count())"]))
with gevent.Timeout(0.05, False):
    threading.Event().wait()
print("end")
