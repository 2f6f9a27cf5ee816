"""A celery worker with a pool of threads, its broker in memory: results, errors, retries, groups."""
# requires: celery

import threading

from celery import Celery, group
from celery.contrib.testing.worker import start_worker

app = Celery("tasks", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = False
lock, tries = threading.Lock(), []


@app.task
def double(number: int) -> int:
    with lock:
        return number * 2


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def shaky(self) -> str:
    tries.append(1)
    if len(tries) < 3:
        raise self.retry(exc=ValueError("again"), countdown=0)
    return "steady"


@app.task
def wrong() -> None:
    raise KeyError("wrong")


with start_worker(app, pool="threads", concurrency=4, perform_ping_check=False, loglevel="CRITICAL"):
    print(group(double.s(number) for number in range(20))().get(timeout=60))
    print(shaky.delay().get(timeout=60), len(tries))
    try:
        wrong.delay().get(timeout=60)
    except KeyError as error:
        print(repr(error))
