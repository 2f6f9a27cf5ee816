# title: worker joins main's helper, helper joins worker
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
import time

helper = None


def work():
    time.sleep(0.2)
    helper.join()  # expect: deadlock


def help_out(worker):
    worker.join()  # expect: deadlock


worker = threading.Thread(target=work, name="worker")
helper = threading.Thread(target=help_out, args=(worker,), name="helper")
worker.start()
helper.start()
while worker.is_alive():
    time.sleep(0.5)
