# title: main acquires twice, the second time after another thread's release
# expect: nothing
# not: warning
# exit: 0
import threading

done = threading.Lock()
done.acquire()
threading.Timer(0.8, done.release).start()
done.acquire()
print("released by the timer's thread")
