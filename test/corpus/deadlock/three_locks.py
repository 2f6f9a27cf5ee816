# title: three locks in a ring
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


class Stage:
    def __init__(self, name):
        self.name = name
        self.mutex = threading.Lock()


def hand_over(mine, theirs, line_up):
    with mine.mutex:
        line_up.wait()
        theirs.mutex.acquire()  # expect: deadlock
        try:
            print(mine.name, "->", theirs.name)
        finally:
            theirs.mutex.release()


if __name__ == "__main__":
    stages = [Stage(n) for n in ("cut", "weld", "paint")]
    line_up = threading.Barrier(3)
    ts = []
    for i, s in enumerate(stages):
        ts.append(threading.Thread(target=hand_over, args=(s, stages[(i + 1) % 3], line_up)))
    [t.start() for t in ts]
    [t.join() for t in ts]
