# title: a pool left in the middle of its work, by leaving its with block
# expect: nothing
# not: warning
# may: pool-idle tiny-tasks no-overlap fork-with-threads
# timeout: 20
# exit: 0
import multiprocessing
import time


def slow(number):
    time.sleep(0.02 if number < 3 else 30)
    return number


if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        for result in pool.imap_unordered(slow, range(12)):
            print(result)
            if result == 2:
                break
