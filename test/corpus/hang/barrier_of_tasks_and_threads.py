# title: four parties are counted and three come
# expect: hang
# timeout: 3
# exit: timeout
import threading

gate = threading.Barrier(4)


def runner():
    gate.wait()  # expect: hang


runners = [threading.Thread(target=runner) for _ in range(3)]
for one in runners:
    one.start()
for one in runners:
    one.join()
