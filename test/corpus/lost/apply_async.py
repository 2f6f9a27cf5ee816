# title: apply_async without get
# expect: task-exception-lost
# exit: 0
from multiprocessing.pool import ThreadPool


def store(row):
    return row["id"]


if __name__ == "__main__":
    with ThreadPool(2) as pool:
        results = [pool.apply_async(store, (row,)) for row in ({"id": 1}, {}, {"id": 3})]
        pool.close()
        pool.join()
    print(len(results), "stored")
