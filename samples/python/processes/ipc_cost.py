# title: What it costs to send data to another process
# seeds: S15 S39
# shows: the same megabytes through a pipe, a queue, a manager and shared memory. Pickling and copying grow with the size; the shared array hardly notices.
# expect: nothing
# not: warning
# timeout: 40
# exit: 0
"""Pipe, Queue, Value/Array and Manager: time per message, by size."""

import multiprocessing
import time

ROUNDS = 15


def echo_pipe(connection) -> None:
    while True:
        message = connection.recv()
        if message is None:
            return
        connection.send(len(message))


def echo_queue(requests, replies) -> None:
    for message in iter(requests.get, None):
        replies.put(len(message))


def sum_array(array, go, done) -> None:
    """The data never moves: both sides look at the same memory."""
    while True:
        go.acquire()
        if array[0] == 255:
            return
        array[1] = array[0]
        done.release()


def per_message(exchange) -> float:
    start = time.perf_counter()
    for _ in range(ROUNDS):
        exchange()
    return (time.perf_counter() - start) / ROUNDS * 1000


def main() -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    requests, replies = context.Queue(), context.Queue()
    array = context.Array("B", 4_000_000, lock=False)
    go, done = context.Semaphore(0), context.Semaphore(0)
    children = [
        context.Process(target=echo_pipe, args=(there,), name="pipe"),
        context.Process(target=echo_queue, args=(requests, replies), name="queue"),
        context.Process(target=sum_array, args=(array, go, done), name="shared-array"),
    ]
    for child in children:
        child.start()

    def through_pipe(message):
        here.send(message)
        return here.recv()

    def through_queue(message):
        requests.put(message)
        return replies.get()

    def through_array():
        array[0] = 7
        go.release()
        done.acquire()

    through_pipe(b""), through_queue(b""), through_array()  # everybody is up
    for size in (1_000, 100_000, 4_000_000):
        message = bytes(size)
        pipe = per_message(lambda data=message: through_pipe(data))
        queue = per_message(lambda data=message: through_queue(data))
        shared = per_message(through_array)
        print(f"{size:>9,} bytes: pipe {pipe:6.2f} ms  queue {queue:6.2f} ms  shared array {shared:6.2f} ms")

    with context.Manager() as manager:
        shared_dict = manager.dict()
        cost = per_message(lambda: shared_dict.update(count=1))
        print(f"manager.dict: {cost:.2f} ms for one update, each a message to the manager's process")

    here.send(None)
    requests.put(None)
    array[0] = 255
    go.release()
    for child in children:
        child.join()


if __name__ == "__main__":
    main()
