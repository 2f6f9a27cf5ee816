# title: a barrier with the right number of parties, and one aborted on purpose
# expect: nothing
# not: warning
# exit: 0
import threading
import time

steps = threading.Barrier(3)
late = threading.Barrier(2)


def walk(n):
    for _ in range(3):
        time.sleep(0.05 * n)
        steps.wait()


def give_up():
    try:
        late.wait(timeout=0.4)
    except threading.BrokenBarrierError:
        print("nobody came")


ts = [threading.Thread(target=walk, args=(n,)) for n in range(3)] + [threading.Thread(target=give_up)]
for t in ts:
    t.start()
for t in ts:
    t.join()
