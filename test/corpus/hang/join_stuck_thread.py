# title: main joins a thread that is stuck
# expect: hang
# timeout: 3
# exit: timeout
from queue import SimpleQueue
from threading import Thread

commands = SimpleQueue()


def controller():
    while True:
        command = commands.get()  # expect: hang
        if command == "stop":
            break


controller_thread = Thread(target=controller, name="controller")
controller_thread.start()
commands.put("start")
controller_thread.join()  # expect: hang
