# title: class attribute locks of two classes
# expect: deadlock
# timeout: 3
# exit: timeout
import threading


class Users:
    lock = threading.Lock()
    rows = {}

    @classmethod
    def remove(cls, name):
        with cls.lock:
            cls.rows.pop(name, None)
            step.wait()
            Sessions.close_all(name)


class Sessions:
    lock = threading.Lock()
    rows = {}

    @classmethod
    def close_all(cls, name):
        with cls.lock:  # expect: deadlock
            cls.rows.pop(name, None)

    @classmethod
    def expire(cls):
        with cls.lock:
            step.wait()
            with Users.lock:  # expect: deadlock
                cls.rows.clear()


step = threading.Barrier(2)
t = threading.Thread(target=Users.remove, args=("ada",))
u = threading.Thread(target=Sessions.expire)
t.start()
u.start()
t.join()
u.join()
