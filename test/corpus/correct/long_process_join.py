# title: joins a process that sleeps two seconds
# expect: nothing
# not: warning
# timeout: 20
# exit: 0
import multiprocessing
import time

if __name__ == "__main__":
    p = multiprocessing.Process(target=time.sleep, args=(2,))
    p.start()
    p.join()
    print(p.exitcode)
