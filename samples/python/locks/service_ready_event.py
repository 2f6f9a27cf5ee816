# title: One event starts everybody, another stops them
# seeds: S08
# shows: the clients wait blocked until the service is ready, then all wake in the same instant; the second event ends them all within one heartbeat.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""An Event is a door: closed, everyone waits; once opened, everyone passes."""

import threading
import time


class Service:
    def __init__(self) -> None:
        self.ready = threading.Event()
        self.stopping = threading.Event()
        self.served = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        time.sleep(0.8)  # reads its configuration, opens its files, warms its cache
        print("service: ready")
        self.ready.set()

    def answer(self) -> None:
        with self._lock:
            self.served += 1


def client(service: Service, number: int) -> None:
    if not service.ready.wait(timeout=10):
        print(f"client {number}: gave up, the service never came up")
        return
    # wait() doubles as a sleep that ends early when it is time to stop.
    while not service.stopping.wait(timeout=0.05 + number / 100):
        service.answer()


def main() -> None:
    service = Service()
    clients = [
        threading.Thread(target=client, args=(service, number), name=f"client-{number}")
        for number in range(6)
    ]
    for thread in clients:
        thread.start()
    starter = threading.Thread(target=service.start, name="service")
    starter.start()
    starter.join()

    time.sleep(1.2)
    print("main: shutting down")
    service.stopping.set()
    for thread in clients:
        thread.join()
    print(f"served {service.served} requests")


if __name__ == "__main__":
    main()
