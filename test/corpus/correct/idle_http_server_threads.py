# title: a threading HTTP server that serves three requests and then idles
# expect: nothing
# not: warning
# exit: 0
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
thread = threading.Thread(target=server.serve_forever)
thread.start()
for _ in range(3):
    print(urllib.request.urlopen("http://127.0.0.1:%d/" % server.server_port).read())
time.sleep(1.5)
server.shutdown()
thread.join()
server.server_close()
