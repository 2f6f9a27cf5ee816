"""Django's development server in a process of its own with its reloader off, and the same application as ASGI in a loop."""
# requires: Django

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", USE_TZ=True)
lock = threading.Lock()


def plain(request: HttpRequest) -> JsonResponse:
    with lock:
        return JsonResponse({"in": "thread"})


async def awaited(request: HttpRequest) -> JsonResponse:
    await asyncio.sleep(0)
    return JsonResponse({"in": "loop"})


urlpatterns = [path("plain", plain), path("awaited", awaited)]
django.setup()


async def asgi(where: str) -> dict:
    sent = []
    received = asyncio.Queue()
    await received.put({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": where, "headers": [], "query_string": b""}
    await ASGIHandler()({**scope, "asgi": {"version": "3.0"}}, received.get, send)
    return json.loads(b"".join(message.get("body", b"") for message in sent))


async def main() -> None:
    print(await asyncio.gather(*(asgi(where) for where in ("/plain", "/awaited") * 5)))


if len(sys.argv) > 1:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
else:
    asyncio.run(main())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, __file__, "runserver", "--noreload", "--skip-checks", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        try:
            print(opener.open(f"http://127.0.0.1:{port}/plain", timeout=20).read())
            print(opener.open(f"http://127.0.0.1:{port}/awaited", timeout=20).read())
            break
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    server.terminate()
    print(server.wait(20) in (0, -15), os.path.basename(__file__))
