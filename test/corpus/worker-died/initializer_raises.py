# title: the initializer of a multiprocessing.Pool raises, so its workers die and are replaced for ever
# expect: worker-died
# not: hang deadlock
# may: fork-with-threads oversubscribed
# timeout: 4
# exit: timeout
import multiprocessing


def square(number):
    return number * number


def connect():
    raise RuntimeError("no database")  # expect: worker-died


if __name__ == "__main__":
    with multiprocessing.Pool(2, initializer=connect) as pool:
        print(pool.map(square, range(6)))
