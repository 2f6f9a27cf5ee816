# title: a server of streams whose last connection asyncio.run cancels
# expect: nothing
# not: warning
# exit: 0
import asyncio
import json


async def listing(reader, writer):
    async for line in reader:
        cursor = json.loads(line)["cursor"]
        await asyncio.sleep(0.03)
        writer.write(json.dumps({"rows": [cursor] * 10, "cursor": cursor + 1}).encode() + b"\n")
    writer.close()


class Client:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def page(self, cursor):
        self.writer.write(json.dumps({"cursor": cursor}).encode() + b"\n")
        return json.loads(await self.reader.readline())

    async def pages(self, count):
        cursor = 0
        for _ in range(count):
            answer = await self.page(cursor)
            cursor = answer["cursor"]
            yield answer["rows"]


async def main():
    server = await asyncio.start_server(listing, "127.0.0.1", 0)
    client = Client(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    total = 0
    async for rows in client.pages(20):
        total += len(rows)
    print(total)
    client.writer.close()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
