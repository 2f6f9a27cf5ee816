# title: a selector thread idles, woken by a socket pair at the end
# expect: nothing
# not: warning
# exit: 0
import selectors
import socket
import threading
import time

wake_r, wake_w = socket.socketpair()


def loop():
    with selectors.DefaultSelector() as selector:
        selector.register(wake_r, selectors.EVENT_READ)
        selector.select()
        print("woken", wake_r.recv(1))


t = threading.Thread(target=loop)
t.start()
time.sleep(1.5)
wake_w.send(b"!")
t.join()
