"""A debugger that stops in a thread, shows its frames, steps over a lock and into a call, and goes on."""
# requires: debugpy

import json
import os
import socket
import subprocess
import sys

PROGRAM = """
import threading
lock = threading.Lock()
def work():
    with lock:
        value = 1
    return value
thread = threading.Thread(target=work, name="own")
thread.start()
thread.join()
print("done")
"""


class Session:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 80)
        self.stream = self.socket.makefile("rb")
        self.number = 0

    def send(self, command: str, **arguments: object) -> None:
        self.number += 1
        message = {"seq": self.number, "type": "request", "command": command}
        body = json.dumps({**message, "arguments": arguments}).encode()
        self.socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def wait(self, kind: str) -> dict:
        while True:
            length = 0
            while (line := self.stream.readline()).strip():
                length = int(line.split(b":")[1])
            message = json.loads(self.stream.read(length))
            if kind in (message.get("event"), message.get("command")):
                return message

    def ask(self, command: str, **arguments: object) -> dict:
        self.send(command, **arguments)
        return self.wait(command)["body"]


with open("debugged.py", "w") as file:
    file.write(PROGRAM)
with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
program = subprocess.Popen(
    [sys.executable, "-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client", "debugged.py"],
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
)
for _ in range(300):
    try:
        session = Session(port)
        break
    except ConnectionError:
        __import__("time").sleep(0.1)
session.send("initialize", adapterID="x", pathFormat="path", linesStartAt1=True)
session.wait("initialize")
session.send("attach", justMyCode=True)
session.wait("initialized")
path = os.path.abspath("debugged.py")
session.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}, {"line": 5}])
session.send("configurationDone")


def stopped() -> int:
    event = session.wait("stopped")["body"]
    frames = session.ask("stackTrace", threadId=event["threadId"])["stackFrames"]
    places = [(os.path.basename(one["source"]["path"]), one["name"], one["line"]) for one in frames]
    print(event["reason"], places)
    return event["threadId"]


# Never a step over what starts the thread: whether it or the next line stops first would be a race.
for step in ("next", "stepIn", "next", "continue", "next", "next", "continue"):
    session.send(step, threadId=stopped())
session.wait("terminated")
session.send("disconnect")
output, errors = program.communicate(timeout=60)
print(output, program.returncode)
