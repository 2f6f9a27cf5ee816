# title: both ends of a pipe send more than it holds before either receives
# expect: deadlock
# timeout: 4
# exit: timeout
import multiprocessing


def child(pipe):
    pipe.send(b"c" * 1_000_000)  # expect: deadlock
    print(len(pipe.recv()))


def main():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=child, args=(theirs,))
    process.start()
    ours.send(b"p" * 1_000_000)  # expect: deadlock
    print(len(ours.recv()))
    process.join()


if __name__ == "__main__":
    main()
