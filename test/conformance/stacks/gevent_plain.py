"""gevent beside threads of the system: nothing is patched."""
# requires: gevent

import threading

import gevent
import gevent.event

done = gevent.event.AsyncResult()


def worker() -> None:
    jobs = [gevent.spawn(lambda n: n * n, n) for n in range(20)]
    gevent.joinall(jobs)
    done.set(sum(job.value for job in jobs))


thread = threading.Thread(target=worker)
thread.start()
print(done.get())
thread.join()
print(gevent.get_hub().threadpool.map(abs, range(-5, 0)))
