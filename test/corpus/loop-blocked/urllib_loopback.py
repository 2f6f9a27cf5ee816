# title: urllib in a coroutine against a slow loopback server
# expect: loop-blocked
# exit: 0
import asyncio
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer


class Slow(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.4)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


class Client:
    def __init__(self, base):
        self.base = base

    def get(self, path):
        with urllib.request.urlopen(self.base + path) as response:  # expect: loop-blocked
            return response.read()


async def main():
    httpd = HTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    client = Client("http://127.0.0.1:%d" % httpd.server_port)
    await asyncio.sleep(0.1)
    print(client.get("/"))
    await asyncio.sleep(0.05)
    httpd.shutdown()


asyncio.run(main())
