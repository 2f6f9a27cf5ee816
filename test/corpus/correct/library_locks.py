# title: library-internal locks at work: logging, tempfile, functools, importlib
# expect: nothing
# not: warning
# exit: 0
import functools
import importlib
import tempfile
import threading
import time

NAMES = ["colorsys", "fractions", "wave", "html.parser", "plistlib"]


@functools.lru_cache(maxsize=None)
def load(name):
    return importlib.import_module(name).__name__


def work(n):
    with tempfile.TemporaryFile() as f:
        f.write(b"x" * n)
    for name in NAMES[n % 5 :] + NAMES[: n % 5]:
        load(name)
        time.sleep(0.01)


ts = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for t in ts:
    t.start()
for t in ts:
    t.join()
