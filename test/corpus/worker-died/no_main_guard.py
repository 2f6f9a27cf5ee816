# title: a pool under spawn without the guard: each new process imports the program and dies as it starts a pool itself
# expect: worker-died
# not: hang deadlock
# may: oversubscribed
# timeout: 12
# exit: timeout
import multiprocessing

context = multiprocessing.get_context("spawn")


def square(number):
    return number * number


with context.Pool(2) as pool:  # expect: worker-died
    print(pool.map(square, range(6)))
