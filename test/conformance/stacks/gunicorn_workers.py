"""gunicorn with threads in two forked workers, asked over loopback, then ended by SIGTERM."""
# requires: gunicorn

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

APPLICATION = """
import threading
lock, count = threading.Lock(), 0
def application(environ, start_response):
    global count
    with lock:
        count += 1
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]
"""


def ask(path: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(200):
        try:
            with opener.open(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
                return answer.read()
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise SystemExit("no answer")


with open("application.py", "w") as file:
    file.write(APPLICATION)
with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    + ["--graceful-timeout", "10", "--no-control-socket", "application:application"],
    stderr=subprocess.PIPE,
    text=True,
)
print(ask("first"))
with ThreadPoolExecutor(8) as pool:
    print(sorted(pool.map(ask, [f"p{index}" for index in range(40)])))
server.send_signal(signal.SIGTERM)
_, errors = server.communicate(timeout=60)
print(server.returncode)
lines = [re.sub(r"^\[.*?\] \[\d+\] ", "", line) for line in errors.splitlines()]
print(sorted(re.sub(r"\d{3,}", "N", line) for line in lines))
