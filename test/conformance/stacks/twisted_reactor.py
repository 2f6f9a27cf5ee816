"""Twisted's reactor: lines over loopback, calls in its thread pool, a process, coroutines."""
# requires: Twisted

import sys
import threading

from twisted.internet import defer, endpoints, protocol, reactor, task, threads, utils
from twisted.protocols import basic


class Echo(basic.LineReceiver):
    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line.upper())


class Asking(basic.LineReceiver):
    def connectionMade(self) -> None:
        self.got, self.done = [], defer.Deferred()
        for word in (b"one", b"two", b"three"):
            self.sendLine(word)

    def lineReceived(self, line: bytes) -> None:
        self.got.append(line)
        if len(self.got) == 3:
            self.transport.loseConnection()
            self.done.callback(self.got)


def in_thread(number: int) -> tuple:
    return number * 2, threading.current_thread() is threading.main_thread()


async def main() -> None:
    port = await endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(
        protocol.Factory.forProtocol(Echo)
    )
    address = f"tcp:127.0.0.1:{port.getHost().port}"
    for _ in range(3):
        asking = await endpoints.connectProtocol(
            endpoints.clientFromString(reactor, address), Asking()
        )
        print(await asking.done)
    print(await defer.gatherResults([threads.deferToThread(in_thread, n) for n in range(10)]))
    await task.deferLater(reactor, 0.01, int)
    print(await utils.getProcessOutput(sys.executable, ["-c", "print(1)"]))
    lock = defer.DeferredLock()
    print(await lock.run(lambda: "locked"))
    await port.stopListening()


task.react(lambda _: defer.ensureDeferred(main()))
