"""A Flask application in waitress' threads, asked by many threads at a time."""
# requires: Flask, waitress

import logging
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, g, jsonify, request
from waitress import wasyncore
from waitress.server import create_server

logging.getLogger("waitress").setLevel("ERROR")  # how deep its queue is, which depends on the moment
app = Flask(__name__)
lock, counts = threading.Lock(), {}


@app.before_request
def begin() -> None:
    g.who = request.args.get("who", "nobody")


@app.get("/hello")
def hello():
    with lock:
        counts[g.who] = counts.get(g.who, 0) + 1
    return jsonify(hello=g.who)


@app.get("/wrong")
def wrong():
    return "no", 418


def ask(path: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{server.effective_port}/{path}", timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return b"%d" % error.code


server = create_server(app, host="127.0.0.1", port=0, threads=4)
thread = threading.Thread(target=server.run)
thread.start()
with ThreadPoolExecutor(8) as pool:
    print(sorted(pool.map(ask, [f"hello?who={index % 5}" for index in range(40)])))
print(ask("wrong"), sorted(counts.items()))
server.task_dispatcher.shutdown()  # first: a worker that ends a task pulls the trigger, which is closed below
server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # in the server's own thread
thread.join(20)
print(thread.is_alive())
