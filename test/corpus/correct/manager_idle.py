# title: a multiprocessing manager stands idle between a few calls
# expect: nothing
# not: warning
# exit: 0
import multiprocessing
import time


def add(shared, number):
    shared[number] = number * number


def main():
    with multiprocessing.Manager() as manager:
        shared = manager.dict()
        queue = manager.Queue()
        processes = [multiprocessing.Process(target=add, args=(shared, n)) for n in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        time.sleep(1.3)
        queue.put(1)
        print(dict(shared), queue.get())


if __name__ == "__main__":
    main()
