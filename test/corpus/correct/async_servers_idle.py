# title: an asyncio server that serves two clients and goes on waiting for others
# expect: nothing
# not: warning
# timeout: 5
# exit: timeout
import asyncio


async def handle(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()


async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    answer = await reader.readline()
    writer.close()
    return answer


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(ask(port), ask(port)))
    async with server:
        await server.serve_forever()


asyncio.run(main())
