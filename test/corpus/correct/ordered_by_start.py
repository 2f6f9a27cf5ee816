# title: main takes the locks one way before it starts the thread that takes them the other way
# expect: nothing
# not: warning
# exit: 0
import threading

settings = threading.Lock()
plugins = threading.Lock()
loaded = []


def initialise():
    with settings:
        with plugins:
            loaded.append("core")


def reload_plugin():
    with plugins:
        with settings:
            loaded.append("plugin")


initialise()
t = threading.Thread(target=reload_plugin)
t.start()
t.join()
print(loaded)
