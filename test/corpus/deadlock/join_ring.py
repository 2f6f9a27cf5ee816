# title: three threads join each other in a ring
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

threads = {}
go = threading.Event()


def wait_for(other):
    go.wait()
    threads[other].join()  # expect: deadlock


for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
    threads[name] = threading.Thread(target=wait_for, args=(other,), name=name)
for t in threads.values():
    t.start()
go.set()
