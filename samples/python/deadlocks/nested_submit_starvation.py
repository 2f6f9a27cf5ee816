# title: Work that waits for work in its own, full pool
# seeds: S13 S39
# shows: both workers wait for parts that sit in the queue of the same pool. Nobody holds a lock; there is simply no worker left to run what they wait for.
# expect: pool-starvation|deadlock
# not: hang
# timeout: 5
# exit: timeout
"""A report asks the pool it runs in to render its chapters, and waits."""

import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="report")
both_running = threading.Barrier(2)


def render_chapter(number: int) -> str:
    return f"chapter {number}"


def build_report(title: str) -> str:
    both_running.wait()
    chapters = [pool.submit(render_chapter, number) for number in range(3)]
    texts = [chapter.result() for chapter in chapters]  # expect: pool-starvation|deadlock
    return f"{title}: " + ", ".join(texts)


def main() -> None:
    reports = [pool.submit(build_report, title) for title in ("Monday", "Tuesday")]
    for report in reports:
        print(report.result())
    pool.shutdown()


if __name__ == "__main__":
    main()
