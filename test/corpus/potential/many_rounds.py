# title: alternating turns by an event, always just missing each other
# expect: lock-order-inversion
# not: deadlock hang
# exit: 0
import threading

a, b = threading.Lock(), threading.Lock()
turn = [threading.Semaphore(1), threading.Semaphore(0)]


def player(me, first, second):
    for _ in range(20):
        turn[me].acquire()
        if me == 0:
            with first:
                with second:  # expect: lock-order-inversion
                    pass
        else:
            with first:
                with second:  # expect: lock-order-inversion
                    pass
        turn[1 - me].release()


x = threading.Thread(target=player, args=(0, a, b))
y = threading.Thread(target=player, args=(1, b, a))
x.start()
y.start()
x.join()
y.join()
