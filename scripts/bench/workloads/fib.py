"""CPU-bound work in four threads."""

import threading

from _size import sized


def fib(number: int) -> int:
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def work() -> None:
    for _ in range(sized(60)):
        fib(20)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
