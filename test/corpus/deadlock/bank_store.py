"""A module with a lock of its own, used by bank_helpers."""

import threading

_lock = threading.Lock()
_money = []
listeners = []


def deposit(amount):
    with _lock:
        _money.append(amount)
        for listener in listeners:
            listener()


def total():
    with _lock:  # expect: deadlock
        return sum(_money)
