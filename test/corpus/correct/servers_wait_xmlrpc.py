# title: an XML-RPC server serves one call and then waits
# expect: nothing
# not: warning
# timeout: 5
# exit: timeout
import threading
import xmlrpc.client
from xmlrpc.server import SimpleXMLRPCServer

server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True)
server.register_function(pow)
thread = threading.Thread(target=server.serve_forever, name="rpc")
thread.start()
with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.server_address[1]}") as proxy:
    print(proxy.pow(2, 10))
thread.join()
