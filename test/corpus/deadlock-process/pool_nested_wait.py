# title: an mp.Pool item waits for a pipe that only the next item in the same full pool would serve
# expect: pool-starvation|deadlock|hang
# timeout: 4
# exit: timeout
import multiprocessing as mp

flag = None


def init(event):
    global flag
    flag = event


def job(role):
    if role == "wait":
        flag.wait()  # expect: pool-starvation|deadlock|hang
    else:
        flag.set()
    return role


if __name__ == "__main__":
    event = mp.Event()
    with mp.Pool(1, initializer=init, initargs=(event,)) as pool:
        print(pool.map(job, ["wait", "set"], chunksize=1))
