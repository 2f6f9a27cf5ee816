# title: the work item calls concurrent.futures.wait on its own pool
# expect: pool-starvation|deadlock
# timeout: 3
# exit: timeout
import concurrent.futures as cf


class Build:
    def __init__(self):
        self.pool = cf.ThreadPoolExecutor(1)

    def compile(self, name):
        return name + ".o"

    def link(self, names):
        parts = [self.pool.submit(self.compile, n) for n in names]
        done, _ = cf.wait(parts)  # expect: pool-starvation|deadlock
        return sorted(p.result() for p in done)


build = Build()
print(build.pool.submit(build.link, ["a", "b"]).result())
