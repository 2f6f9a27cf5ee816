# title: locks behind @contextmanager
# expect: deadlock
# timeout: 3
# exit: timeout
import threading
from contextlib import contextmanager

_read = threading.Lock()
_write = threading.Lock()
sync = threading.Barrier(2)


@contextmanager
def transaction(first, second):
    first.acquire()
    try:
        sync.wait()
        second.acquire()  # expect: deadlock
        try:
            yield
        finally:
            second.release()
    finally:
        first.release()


def importer():
    with transaction(_read, _write):
        print("import")


def exporter():
    with transaction(_write, _read):
        print("export")


for f in [importer, exporter]:
    threading.Thread(target=f, name=f.__name__).start()
