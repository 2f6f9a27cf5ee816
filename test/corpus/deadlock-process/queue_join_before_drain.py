# title: joins a child whose queue still holds a big message
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


def produce(q):
    q.put("x" * 1_000_000)  # expect: deadlock


if __name__ == "__main__":
    q = mp.Queue()
    p = mp.Process(target=produce, args=(q,))
    p.start()
    p.join()  # expect: deadlock
    print(len(q.get()))
