# title: two module-level locks, opposite order
# expect: deadlock
# timeout: 3
# exit: timeout
import threading

config_lock = threading.Lock()
cache_lock = threading.Lock()
meet = threading.Barrier(2)


def reload_config():
    with config_lock:
        meet.wait()
        with cache_lock:  # expect: deadlock
            print("reloaded")


def refresh_cache():
    with cache_lock:
        meet.wait()
        with config_lock:  # expect: deadlock
            print("refreshed")


a = threading.Thread(target=reload_config)
b = threading.Thread(target=refresh_cache)
a.start()
b.start()
a.join()
b.join()
