# title: many good rounds, then the deadlock
# expect: deadlock
# may: lock-contention
# timeout: 4
# exit: timeout
import threading
import time

a, b = threading.Lock(), threading.Lock()
rounds = 0
rounds_over = threading.Barrier(2)
late = threading.Barrier(2)


def ab():
    global rounds
    for n in range(60):
        with a:
            with b:
                rounds += 1
        time.sleep(0.005)
    rounds_over.wait()
    with a:
        late.wait()
        with b:  # expect: deadlock
            pass


def ba():
    for n in range(60):
        with a:
            with b:
                pass
        time.sleep(0.005)
    rounds_over.wait()
    with b:
        late.wait()
        with a:  # expect: deadlock
            pass


t, u = threading.Thread(target=ab), threading.Thread(target=ba)
t.start()
u.start()
t.join()
u.join()
