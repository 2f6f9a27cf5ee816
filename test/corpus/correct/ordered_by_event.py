# title: opposite orders, the second only after the first has said it is done
# expect: nothing
# not: warning
# exit: 0
import threading

a, b = threading.Lock(), threading.Lock()
loaded = threading.Event()


def load():
    with a:
        with b:
            pass
    loaded.set()


def save():
    loaded.wait()
    with b:
        with a:
            pass


ts = [threading.Thread(target=save), threading.Thread(target=load)]
for t in ts:
    t.start()
for t in ts:
    t.join()
