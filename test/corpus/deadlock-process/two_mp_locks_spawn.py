# title: the same with the spawn start method and the parent as one of the two
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing


def child(disk, net, ready):
    net.acquire()
    ready.set()
    disk.acquire()  # expect: deadlock
    disk.release()
    net.release()


def main():
    ctx = multiprocessing.get_context("spawn")
    disk, net, ready = ctx.Lock(), ctx.Lock(), ctx.Event()
    with disk:
        p = ctx.Process(target=child, args=(disk, net, ready))
        p.start()
        ready.wait()
        net.acquire()  # expect: deadlock


if __name__ == "__main__":
    main()
