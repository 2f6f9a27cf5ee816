# title: joins a child whose queue still holds a big message
# expect: deadlock|hang
# timeout: 4
# exit: timeout
import multiprocessing as mp


def produce(q):
    q.put("x" * 1_000_000)


if __name__ == "__main__":
    q = mp.Queue()
    p = mp.Process(target=produce, args=(q,))
    p.start()
    p.join()  # expect: deadlock|hang
    print(len(q.get()))
