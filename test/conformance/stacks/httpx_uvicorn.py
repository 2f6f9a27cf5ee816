"""uvicorn serves a small ASGI application from a thread; httpx asks it, in threads and in tasks."""
# requires: uvicorn httpx

import asyncio
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import uvicorn


async def application(scope, receive, send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = json.dumps({"path": scope["path"]}).encode()
    await asyncio.sleep(0.001)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def ask_all(base: str) -> list[str]:
    async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
        answers = await asyncio.gather(*(client.get(f"/a{index}") for index in range(30)))
    return [answer.json()["path"] for answer in answers]


listener = socket.create_server(("127.0.0.1", 0))
base = f"http://127.0.0.1:{listener.getsockname()[1]}"
server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
thread = threading.Thread(target=server.run, args=([listener],), name="uvicorn")
thread.start()
with httpx.Client(base_url=base, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
    print(sorted(pool.map(lambda n: client.get(f"/t{n}").json()["path"], range(30))))
print(asyncio.run(ask_all(base)))
server.should_exit = True
thread.join(30)
print(thread.is_alive(), threading.active_count())
