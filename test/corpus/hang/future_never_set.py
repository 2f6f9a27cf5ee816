# title: waits on a Future nobody completes
# expect: hang
# timeout: 3
# exit: timeout
import threading
from concurrent.futures import Future

reply = Future()
requests = []


def server():
    while requests:
        requests.pop()


threading.Thread(target=server).start()
requests.append(("question", reply))
print(reply.result())  # expect: hang
