"""What a fork costs the child: nothing that grows with what the parent has recorded, or with how many were forked before."""

import unittest

from recording import run

# The child looks at the folder of the recording seldom: a thousand children would look at a thousand files each.
LOOKS = """
import os, sys

looks = 0

def hook(event, args):
    global looks
    if event == "os.scandir":
        looks += 1

sys.addaudithook(hook)
theirs_too = 0
mine, theirs = os.pipe()
for _ in range(100):
    pid = os.fork()
    if pid == 0:
        os.write(theirs, b"%9d" % looks)
        os._exit(0)
    os.waitpid(pid, 0)
    theirs_too += int(os.read(mine, 9)) - looks
print(looks + theirs_too)
"""

# What a forked child changes of the parent's memory is copied for it, page by page.
COPIES = """
import os, resource, sys, threading

def used(many):
    made = {}
    for number in range(many):
        code = "def make():\\n    lock = threading.Lock()\\n    with lock: pass\\n    return lock"
        exec(compile(code, f"made{number}.py", "exec"), globals(), made)
        kept.append((made["make"], [made["make"]() for _ in range(4)]))

def faults():
    counts = []
    for _ in range(7):
        mine, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(theirs, b"%d" % resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
            os._exit(0)
        os.waitpid(pid, 0)
        counts.append(int(os.read(mine, 100)))
        os.close(mine), os.close(theirs)
    return sorted(counts)[3]

kept = []
used(50)
few = faults()
used(2500)
print(faults() - few)
"""


class Forks(unittest.TestCase):
    def test_a_child_seldom_looks_at_what_others_have_recorded(self) -> None:
        for core in ("native", "python"):
            with self.subTest(core=core):
                # Of a hundred forks those that are the first, second, fourth …
                self.assertLessEqual(int(run(LOOKS, options=f"core={core}").stdout), 7)

    def test_a_child_copies_nothing_of_what_the_parent_has_recorded(self) -> None:
        # The Python core keeps no more of a lock that nobody waits for than its id.
        self.assertLess(int(run(COPIES, options="core=native").stdout), 150)
