# title: cross-module locks
# with: bank_store.py
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

import bank_store

audit_lock = threading.Lock()
meet = threading.Barrier(2)


def audit():
    with audit_lock:
        meet.wait()
        return bank_store.total()


def on_change():
    meet.wait()
    with audit_lock:  # expect: deadlock
        print("changed")


if __name__ == "__main__":
    bank_store.listeners.append(on_change)
    a = threading.Thread(target=audit, name="auditor")
    b = threading.Thread(target=bank_store.deposit, args=(10,), name="depositor")
    b.start()
    a.start()
    a.join()
    b.join()
