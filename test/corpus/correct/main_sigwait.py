# title: a main thread in sigwait, a worker that does its rounds and sends the signal
# expect: nothing
# not: warning
# exit: 0
import os
import signal
import threading
import time

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
stop = threading.Event()


def rounds():
    for _ in range(15):
        if stop.wait(0.1):
            return
    os.kill(os.getpid(), signal.SIGUSR1)


worker = threading.Thread(target=rounds)
worker.start()
signal.sigwait({signal.SIGUSR1})
stop.set()
worker.join()
