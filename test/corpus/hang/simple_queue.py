# title: SimpleQueue.get on the main thread
# expect: hang
# timeout: 3
# exit: timeout
import queue
import threading

answers = queue.SimpleQueue()


def ask(n):
    if n < 3:
        answers.put(n)


askers = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
for a in askers:
    a.start()
for _ in askers:
    print(answers.get())  # expect: hang
