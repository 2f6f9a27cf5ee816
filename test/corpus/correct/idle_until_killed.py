# title: a server that waits for requests all day
# expect: nothing
# not: warning
# timeout: 4
# exit: timeout
import signal
import socket
import threading

stopping = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stopping.set())


def accept(listener):
    while not stopping.is_set():
        conn, _ = listener.accept()
        conn.sendall(b"hello")
        conn.close()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, args=(listener,), daemon=True).start()
stopping.wait()
