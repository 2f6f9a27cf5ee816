# title: A request id for every thread and every task
# seeds: S12 S40
# shows: four pool lanes share one logger, and each line carries the id of its own request; tasks on one thread need a ContextVar for the same.
# expect: nothing
# may: pool-idle
# not: warning
# timeout: 15
# exit: 0
"""threading.local keeps one value per thread; contextvars keep one per task."""

import asyncio
import contextvars
import threading
import time
from concurrent.futures import ThreadPoolExecutor

thread_context = threading.local()
request_id: contextvars.ContextVar = contextvars.ContextVar("request_id", default="-")
log: list = []


def write_log(text: str) -> None:
    log.append((getattr(thread_context, "request_id", None) or request_id.get(), text))


def load_user(name: str) -> None:
    time.sleep(0.1)
    write_log(f"loaded {name}")  # nobody passed the id down to here


def handle_in_thread(number: int) -> None:
    thread_context.request_id = f"thread-request-{number}"
    try:
        write_log("begins")
        load_user(f"user-{number}")
    finally:
        del thread_context.request_id  # the pool's thread serves somebody else next


async def load_user_async(name: str) -> None:
    await asyncio.sleep(0.1)
    write_log(f"loaded {name}")


async def handle_in_task(number: int) -> None:
    request_id.set(f"task-request-{number}")  # a task has a context of its own
    write_log("begins")
    await load_user_async(f"user-{number}")


async def serve_tasks() -> None:
    await asyncio.gather(*(handle_in_task(number) for number in range(4)))


def main() -> None:
    with ThreadPoolExecutor(4, "request") as pool:
        list(pool.map(handle_in_thread, range(12)))
    asyncio.run(serve_tasks())
    for request, text in log[:4] + log[-4:]:
        print(f"[{request}] {text}")
    loaded = [(request, text) for request, text in log if text.startswith("loaded")]
    right = sum(request.split("-")[-1] == text.split("-")[-1] for request, text in loaded)
    print(f"{right} of {len(loaded)} lines carry the id of their own request")


if __name__ == "__main__":
    main()
