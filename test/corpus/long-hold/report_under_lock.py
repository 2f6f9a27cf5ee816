# title: a lock held over a slow write while four others wait
# expect: long-hold|lock-contention
# exit: 0
import threading
import time

ledger_lock = threading.Lock()
ledger = []


def write_slowly(row):
    time.sleep(0.12)
    ledger.append(row)


def post(row):
    with ledger_lock:  # expect: long-hold|lock-contention
        write_slowly(row)


threads = [threading.Thread(target=post, args=(row,)) for row in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
