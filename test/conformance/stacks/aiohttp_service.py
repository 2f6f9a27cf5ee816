"""An aiohttp server and client: requests, a websocket, a streamed body, clean-up."""
# requires: aiohttp

import asyncio

import aiohttp
from aiohttp import web


async def hello(request: web.Request) -> web.Response:
    await asyncio.sleep(0)
    return web.json_response({"name": request.match_info["name"]})


async def socket(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        await answer.send_str(message.data.upper())
    return answer


async def stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for index in range(50):
        await answer.write(b"%d," % index)
    return answer


async def main() -> None:
    app = web.Application()
    app.add_routes(
        [web.get("/hello/{name}", hello), web.get("/socket", socket), web.get("/stream", stream)]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=5)) as session:

        async def ask(name: str) -> str:
            async with session.get(f"{base}/hello/{name}") as response:
                return (await response.json())["name"]

        print(await asyncio.gather(*(ask(f"n{index}") for index in range(40))))
        async with session.get(f"{base}/stream") as response:
            print(len(await response.read()))
        async with session.ws_connect(f"{base}/socket") as ws:
            for word in ("one", "two"):
                await ws.send_str(word)
                print(await ws.receive_str())
        try:
            async with session.get(f"{base}/none", raise_for_status=True):
                pass
        except aiohttp.ClientResponseError as error:
            print(error.status)
    await runner.cleanup()


asyncio.run(main())
