# title: a get that nobody will ever put for
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

inbox = queue.Queue()


def consumer():
    while True:
        message = inbox.get()  # expect: hang
        print(message)


t = threading.Thread(target=consumer)
t.start()
inbox.put("one")
inbox.put("two")
t.join()
