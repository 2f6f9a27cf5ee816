# title: children wait for an mp.Event set late
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
import multiprocessing as mp
import time


def child(go, lock, total):
    go.wait()
    with lock:
        total.value += 1


if __name__ == "__main__":
    go, lock, total = mp.Event(), mp.Lock(), mp.Value("i", 0, lock=False)
    ps = [mp.Process(target=child, args=(go, lock, total)) for _ in range(3)]
    for p in ps:
        p.start()
    time.sleep(1.5)
    go.set()
    for p in ps:
        p.join()
    print(total.value)
