"""Dask's schedulers of threads and of processes."""
# requires: dask

import dask
import dask.bag
import dask.threaded


@dask.delayed
def double(number: int) -> int:
    return number * 2


@dask.delayed
def wrong() -> None:
    raise ZeroDivisionError("on purpose")


if __name__ == "__main__":
    total = dask.delayed(sum)([double(number) for number in range(100)])
    print(total.compute(scheduler="threads", num_workers=4))
    print(total.compute(scheduler="processes", num_workers=2))
    print(dask.bag.from_sequence(range(50), npartitions=5).map(abs).sum().compute(scheduler="threads"))
    try:
        wrong().compute(scheduler="threads")
    except ZeroDivisionError as error:
        print(error)
