# title: a lock made and used while a module is imported
# with: plugin_with_lock.py
# expect: deadlock
# timeout: 3
# exit: timeout
import sys
import threading
import types

registry = types.ModuleType("registry")
registry.lock = threading.Lock()
registry.plugins = []
sys.modules["registry"] = registry


def load():
    with registry.lock:
        import plugin_with_lock

        return plugin_with_lock.NAME


t = threading.Thread(target=load)
t.start()
t.join()
