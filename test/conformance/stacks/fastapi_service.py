"""A FastAPI application under uvicorn: plain functions in its thread pool, coroutines, dependencies, background tasks."""
# requires: fastapi, uvicorn, httpx

import asyncio
import threading

import httpx
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException

app = FastAPI()
lock, done = threading.Lock(), []


async def limit():
    async with asyncio.Semaphore(2):
        yield 7


@app.get("/plain/{number}")
def plain(number: int, background: BackgroundTasks, limited: int = Depends(limit)):
    with lock:
        background.add_task(done.append, number)
    return {"number": number * limited, "main": threading.current_thread().name == "MainThread"}


@app.get("/awaited/{number}")
async def awaited(number: int):
    if number == 3:
        raise HTTPException(404)
    return await asyncio.to_thread(abs, -number)


async def main() -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answers = await asyncio.gather(*(client.get(f"/plain/{n}", timeout=60) for n in range(20)))
        print([answer.json() for answer in answers])
        for number in (2, 3):
            print((await client.get(f"/awaited/{number}")).text)
    server.should_exit = True
    await serving
    print(sorted(done))


asyncio.run(main())
