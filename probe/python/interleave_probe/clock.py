"""The clocks, by functions that are nobody else's.

Tools that freeze time in tests look through all modules for `time.monotonic_ns` itself and put their own in its place; a
partial of it is another object, and as quick.
"""

from __future__ import annotations

import time
from _functools import partial  # type: ignore[import-not-found]  # `functools` would be read from its file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

monotonic_ns: Callable[[], int] = partial(time.monotonic_ns)
time_ns: Callable[[], int] = partial(time.time_ns)
