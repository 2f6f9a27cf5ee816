# title: the only consumer dies of an exception and the main thread joins the queue
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

orders = queue.Queue()


def work():
    while True:
        order = orders.get()
        if order == 3:
            raise ValueError("bad order")
        orders.task_done()


threading.Thread(target=work, daemon=True).start()
for number in range(6):
    orders.put(number)
orders.join()  # expect: hang
