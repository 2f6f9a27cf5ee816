# title: a blocking socket in a coroutine
# expect: loop-blocked
# exit: 0
import asyncio
import socket
import threading
import time

server = socket.create_server(("127.0.0.1", 0))


def serve():
    conn, _ = server.accept()
    with conn:
        conn.recv(100)
        time.sleep(0.4)
        conn.sendall(b"pong")


async def ask():
    with socket.create_connection(server.getsockname()) as s:
        s.sendall(b"ping")
        return s.recv(100)  # expect: loop-blocked


async def main():
    threading.Thread(target=serve, daemon=True).start()
    await asyncio.sleep(0.05)
    print(await ask())


asyncio.run(main())
server.close()
