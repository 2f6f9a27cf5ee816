"""gevent beside threads of the system: nothing is patched."""
# requires: gevent

import threading

import gevent

done = []


def worker() -> None:
    jobs = [gevent.spawn(lambda n: n * n, n) for n in range(20)]
    gevent.joinall(jobs)
    done.append(sum(job.value for job in jobs))


thread = threading.Thread(target=worker)
thread.start()
thread.join()
print(done)
print(gevent.get_hub().threadpool.map(abs, range(-5, 0)))
