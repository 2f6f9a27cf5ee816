# title: an idle server: threads in accept, main in Event.wait until a signal
# expect: nothing
# not: warning
# requires: fork
# exit: 0
import os
import signal
import socket
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
listener = socket.create_server(("127.0.0.1", 0))


def serve():
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            return
        conn.close()


for _ in range(3):
    threading.Thread(target=serve, daemon=True).start()
killer = threading.Timer(2.0, os.kill, args=(os.getpid(), signal.SIGTERM))
killer.start()
stop.wait()
print("stopped by a signal")
