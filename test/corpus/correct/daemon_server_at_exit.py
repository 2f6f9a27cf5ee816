# title: a daemon HTTP server thread is cut off by the end of the program
# expect: nothing
# not: warning
# exit: 0
import threading
import urllib.request
from http.server import HTTPServer, SimpleHTTPRequestHandler


class Quiet(SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


server = HTTPServer(("127.0.0.1", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
with urllib.request.urlopen("http://127.0.0.1:%d/" % server.server_port) as reply:
    print(reply.status)
