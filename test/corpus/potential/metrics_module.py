"""Counters with a lock of their own, used by across_modules."""

import threading

lock = threading.Lock()
counters = {}


def count(name):
    with lock:  # expect: lock-order-inversion
        counters[name] = counters.get(name, 0) + 1


def flush(before):
    with lock:
        before()
        counters.clear()
