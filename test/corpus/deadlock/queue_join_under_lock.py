# title: queue.join() under the lock the workers take before task_done
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import queue
import threading

q = queue.Queue()
done_lock = threading.Lock()
done = []


def worker():
    while True:
        item = q.get()
        with done_lock:  # expect: deadlock|hang
            done.append(item)
        q.task_done()


threading.Thread(target=worker, daemon=True).start()
with done_lock:
    q.put("job")
    q.join()  # expect: deadlock|hang
