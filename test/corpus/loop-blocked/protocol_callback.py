# title: a protocol's data_received blocks
# expect: loop-blocked
# exit: 0
import asyncio
import time


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        time.sleep(0.25)  # expect: loop-blocked
        self.transport.write(data)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"hello")
    print(await reader.readexactly(5))
    writer.close()
    await writer.wait_closed()
    server.close()


asyncio.run(main())
