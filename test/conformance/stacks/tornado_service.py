"""Tornado: handlers, an executor, coroutines of its own, locks and queues of its own."""
# requires: tornado

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from tornado import gen, httpserver, ioloop, locks, queues, web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.testing import bind_unused_port


class Main(web.RequestHandler):
    async def get(self, number: str) -> None:
        result = await ioloop.IOLoop.current().run_in_executor(None, pow, 3, int(number))
        self.write({"result": result})


@gen.coroutine
def old_style(value: int):
    yield gen.sleep(0)
    return value * 2


async def main() -> None:
    server = httpserver.HTTPServer(web.Application([(r"/(\d+)", Main)]))
    socket, port = bind_unused_port()
    server.add_socket(socket)
    client = AsyncHTTPClient(max_clients=10)
    answers = await asyncio.gather(*(client.fetch(f"http://127.0.0.1:{port}/{n}") for n in range(30)))
    print([answer.body for answer in answers][-1], len(answers))
    try:
        await client.fetch(f"http://127.0.0.1:{port}/none")
    except HTTPClientError as error:
        print(error)
    print(await old_style(21))
    lock, queue = locks.Lock(), queues.Queue(maxsize=2)
    async with lock:
        await asyncio.gather(*(put(queue, n) for n in range(5)), *(take(queue) for _ in range(5)))
    with ThreadPoolExecutor(2) as pool:
        print(await ioloop.IOLoop.current().run_in_executor(pool, sum, range(10)))
    client.close()
    server.stop()
    await server.close_all_connections()


async def put(queue: queues.Queue, value: int) -> None:
    await queue.put(value)


async def take(queue: queues.Queue) -> None:
    await queue.get()
    queue.task_done()


# Its access log says how long everything took.
logging.getLogger("tornado.access").setLevel(logging.ERROR)
asyncio.run(main())
