# title: two processes of a fork server take two locks in opposite order
# expect: deadlock
# timeout: 4
# exit: timeout
# requires: fork
import multiprocessing as mp


def work(first, second, mine, theirs):
    with first:
        mine.set()
        theirs.wait()
        with second:  # expect: deadlock
            pass


if __name__ == "__main__":
    mp.set_start_method("forkserver")
    a, b = mp.Lock(), mp.Lock()
    one, two = mp.Event(), mp.Event()
    processes = [
        mp.Process(target=work, args=(a, b, one, two)),
        mp.Process(target=work, args=(b, a, two, one)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
