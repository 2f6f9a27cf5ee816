# title: joins several processes before their queue is read: one feeder stands in the pipe, the others at its lock
# expect: deadlock
# timeout: 7
# exit: timeout
import multiprocessing as mp


def produce(q, number):
    q.put([number] * 100_000)  # expect: deadlock


if __name__ == "__main__":
    mp.set_start_method("spawn")
    q = mp.Queue()
    workers = [mp.Process(target=produce, args=(q, number)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()  # expect: deadlock
    print(sum(len(q.get()) for _ in workers))
