# title: an mp.Barrier for three with two processes
# expect: hang|deadlock
# timeout: 4
# exit: timeout
import multiprocessing as mp


def party(barrier):
    barrier.wait()  # expect: hang|deadlock


if __name__ == "__main__":
    barrier = mp.Barrier(3)
    ps = [mp.Process(target=party, args=(barrier,)) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
