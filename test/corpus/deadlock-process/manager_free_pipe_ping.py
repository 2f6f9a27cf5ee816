# title: parent and child each wait to receive before they send
# expect: deadlock|hang
# timeout: 3
# exit: timeout
import multiprocessing


def child(pipe):
    order = pipe.recv()  # expect: deadlock|hang
    pipe.send(order + 1)


def main():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=child, args=(theirs,))
    process.start()
    print(ours.recv())  # expect: deadlock|hang
    ours.send(1)
    process.join()


if __name__ == "__main__":
    main()
