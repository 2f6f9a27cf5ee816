# title: Project: are these sites up?
# seeds: S35 S13
# shows: sixteen checks over six workers; the slow and the broken site stand out as long bars and as repeated short ones.
# expect: nothing
# may: pool-saturated pool-idle
# not: deadlock hang lock-contention
# timeout: 20
# exit: 0
"""Status, time and retries per site, against a loopback server that plays the internet."""

import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Internet(BaseHTTPRequestHandler):
    """/ok answers, /slow takes its time, /broken is broken."""

    def do_GET(self) -> None:
        time.sleep(0.6 if "slow" in self.path else 0.08)
        self.send_response(503 if "broken" in self.path else 200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args) -> None:
        pass


class Check(NamedTuple):
    site: str
    status: str
    seconds: float
    attempts: int


def check(base: str, site: str, retries: int = 2) -> Check:
    start = time.perf_counter()
    status = ""
    for attempt in range(1, retries + 2):
        try:
            with urllib.request.urlopen(f"{base}/{site}", timeout=2) as response:
                return Check(site, f"up ({response.status})", time.perf_counter() - start, attempt)
        except urllib.error.HTTPError as error:
            status = f"down ({error.code})"
            error.close()
        except OSError as error:
            status = f"unreachable ({error})"
        time.sleep(0.05 * attempt)
    return Check(site, status, time.perf_counter() - start, retries + 1)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Internet)
    serving = threading.Thread(target=server.serve_forever, name="internet")
    serving.start()
    base = f"http://127.0.0.1:{server.server_port}"
    sites = [f"ok-{number}" for number in range(12)] + ["slow-1", "slow-2", "broken-1", "broken-2"]
    start = time.perf_counter()
    with ThreadPoolExecutor(6, "check") as pool:
        results = list(pool.map(lambda site: check(base, site), sites))
    elapsed = time.perf_counter() - start
    for result in sorted(results, key=lambda one: -one.seconds)[:6]:
        print(f"{result.site:<10} {result.status:<12} {result.seconds:5.2f} s, {result.attempts} attempts")
    up = sum(result.status.startswith("up") for result in results)
    print(f"{up} of {len(sites)} up; {elapsed:.2f} s instead of {sum(r.seconds for r in results):.2f} s")
    server.shutdown()
    serving.join()
    server.server_close()


if __name__ == "__main__":
    main()
