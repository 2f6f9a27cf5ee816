# title: an accept loop in a thread, the main thread in a sleep loop
# expect: nothing
# not: warning
# timeout: 5
# exit: timeout
import socket
import threading
import time

listener = socket.create_server(("127.0.0.1", 0))


def accept():
    while True:
        connection, _ = listener.accept()
        connection.close()


threading.Thread(target=accept, daemon=True).start()
with socket.create_connection(listener.getsockname()) as client:
    client.recv(1)
while True:
    time.sleep(1)
