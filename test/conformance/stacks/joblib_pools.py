"""Joblib over its own processes, multiprocessing's and threads, and its cache shared by them."""
# requires: joblib

import tempfile

from joblib import Memory, Parallel, delayed

if __name__ == "__main__":
    for backend in ("loky", "multiprocessing", "threading"):
        with Parallel(n_jobs=2, backend=backend) as parallel:
            print(backend, parallel(delayed(abs)(-number) for number in range(30)))
            try:
                parallel(delayed(divmod)(number, 0) for number in range(3))
            except ZeroDivisionError as error:
                print(type(error).__name__)
    with tempfile.TemporaryDirectory() as folder:
        cached = Memory(folder, verbose=0).cache(divmod)
        print(Parallel(2, backend="threading")(delayed(cached)(9, 4) for _ in range(4)))
