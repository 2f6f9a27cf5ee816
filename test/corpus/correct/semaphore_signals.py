# title: semaphores as signals between two threads
# expect: nothing
# not: warning
# exit: 0
import threading
import time

ping, pong = threading.Semaphore(1), threading.Semaphore(0)
log = []


def player(mine, other, word):
    for _ in range(20):
        mine.acquire()
        log.append(word)
        time.sleep(0.01)
        other.release()


a = threading.Thread(target=player, args=(ping, pong, "ping"))
b = threading.Thread(target=player, args=(pong, ping, "pong"))
a.start()
b.start()
a.join()
b.join()
print(len(log))
