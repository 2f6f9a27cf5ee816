# title: Five downloads in the time of one, and a pipeline of futures
# seeds: S13 S32
# shows: five pool lanes wait side by side for one second; then each download's callback hands its text to a second pool.
# expect: nothing
# may: pool-idle
# not: warning
# timeout: 15
# exit: 0
"""submit, map, as_completed, add_done_callback: what a ThreadPoolExecutor is for."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed


def download(page: str) -> str:
    time.sleep(1.0)  # a server far away
    return f"<h1>{page}</h1>" + "lorem ipsum " * 50


def count_words(text: str) -> int:
    time.sleep(0.1)
    return len(text.split())


def store(name: str, words: int) -> str:
    time.sleep(0.05)
    return f"{name}: {words} words"


def then(first: Future, pool: ThreadPoolExecutor, step) -> Future:
    """A future for `step` applied to what `first` gives; a failure passes through."""
    chained: Future = Future()

    def finish(done: Future) -> None:
        error = done.exception()
        if error is not None:
            chained.set_exception(error)
        else:
            chained.set_result(done.result())

    def go_on(done: Future) -> None:
        if done.exception() is not None:
            chained.set_exception(done.exception())
        else:
            pool.submit(step, done.result()).add_done_callback(finish)

    first.add_done_callback(go_on)
    return chained


def main() -> None:
    pages = ["home", "news", "search", "about", "contact"]
    with ThreadPoolExecutor(5, "network") as network, ThreadPoolExecutor(2, "parse") as parse:
        start = time.perf_counter()
        bodies = list(network.map(download, pages))
        print(f"map: {len(bodies)} pages of 1 s each in {time.perf_counter() - start:.2f} s")

        start = time.perf_counter()
        chains = {}
        for page in pages:
            counted = then(network.submit(download, page), parse, count_words)
            chains[then(counted, parse, lambda words, name=page: store(name, words))] = page
        for chain in as_completed(chains):
            print(f"  {time.perf_counter() - start:.2f} s  {chain.result()}")


if __name__ == "__main__":
    main()
