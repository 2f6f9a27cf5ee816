# title: a socketserver waits for clients that do not come, in the main thread
# expect: nothing
# not: warning
# timeout: 5
# exit: timeout
import socketserver


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
    server.serve_forever()
