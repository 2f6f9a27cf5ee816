# title: an asyncio server with nothing to do
# expect: nothing
# not: warning
# timeout: 4
# exit: timeout
import asyncio


async def handle(reader, writer):
    writer.write(await reader.read(100))
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        await server.serve_forever()


asyncio.run(main())
