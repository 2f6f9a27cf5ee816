# title: Connection.recv without a sender
# expect: hang
# timeout: 4
# exit: timeout
import multiprocessing
import threading

if __name__ == "__main__":
    left, right = multiprocessing.Pipe()

    def echo():
        while True:
            left.send(left.recv())  # expect: hang

    t = threading.Thread(target=echo)
    t.start()
    right.send("a")
    print(right.recv())
    t.join()
