# title: both ends send more than the pipe holds, one while the other receives
# expect: nothing
# not: warning
# exit: 0
import multiprocessing
import threading
import time


def child(pipe):
    time.sleep(0.4)
    data = pipe.recv()
    pipe.send(data[::-1])


def main():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=child, args=(theirs,))
    process.start()
    sender = threading.Thread(target=ours.send, args=(b"p" * 3_000_000,))
    sender.start()
    print(len(ours.recv()))
    sender.join()
    process.join()


if __name__ == "__main__":
    main()
