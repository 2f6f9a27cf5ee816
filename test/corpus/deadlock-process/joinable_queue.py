# title: JoinableQueue.join without task_done
# expect: hang|deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


def worker(q):
    for item in iter(q.get, None):
        print(item)


if __name__ == "__main__":
    q = mp.JoinableQueue()
    p = mp.Process(target=worker, args=(q,))
    p.start()
    q.put("a")
    q.join()  # expect: hang|deadlock
    q.put(None)
    p.join()
