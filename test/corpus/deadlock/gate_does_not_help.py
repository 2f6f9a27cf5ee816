# title: each thread has its own gate
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

a, b = threading.Lock(), threading.Lock()
meet = threading.Barrier(2)


def run(gate, first, second):
    with gate:
        with first:
            meet.wait()
            with second:  # expect: deadlock
                pass


threading.Thread(target=run, args=(threading.Lock(), a, b)).start()
threading.Thread(target=run, args=(threading.Lock(), b, a)).start()
