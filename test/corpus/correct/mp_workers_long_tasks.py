# title: processes take jobs from a queue, the parent waits more than a second for each result
# expect: nothing
# not: warning
# exit: 0
import multiprocessing
import time


def work(jobs, results):
    while (job := jobs.get()) is not None:
        time.sleep(1.2)
        results.put(job * 2)


def main():
    jobs, results = multiprocessing.Queue(), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=work, args=(jobs, results)) for _ in range(2)]
    for process in processes:
        process.start()
    for number in range(2):
        jobs.put(number)
    print(sorted(results.get() for _ in range(2)))
    for _ in processes:
        jobs.put(None)
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
