# title: talks to a slow peer under the session lock
# expect: long-hold|lock-contention
# may: lock-contention long-hold
# not: deadlock hang
# exit: 0
import socket
import threading
import time


class Session:
    def __init__(self, sock):
        self.lock = threading.Lock()
        self.sock = sock
        self.calls = 0

    def call(self, message):
        with self.lock:
            self.sock.sendall(message)
            self.calls += 1
            return self.sock.recv(64)


def peer(sock):
    while data := sock.recv(64):
        time.sleep(0.25)
        sock.sendall(data)


ours, theirs = socket.socketpair()
threading.Thread(target=peer, args=(theirs,), daemon=True).start()
session = Session(ours)
callers = [threading.Thread(target=session.call, args=(b"hi",)) for _ in range(6)]
for c in callers:
    c.start()
for c in callers:
    c.join()
print(session.calls)
ours.close()
