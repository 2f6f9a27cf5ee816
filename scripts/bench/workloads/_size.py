"""How large a workload is: its usual size times the environment variable BENCH_SIZE."""

import os


def sized(usual: int) -> int:
    return max(1, int(usual * float(os.environ.get("BENCH_SIZE", "1"))))
