# title: a child gets from a multiprocessing queue that the parent never feeds again
# expect: hang
# timeout: 3
# exit: timeout
import multiprocessing


def child(inbox):
    while True:
        item = inbox.get()  # expect: hang
        if item is None:
            return


def main():
    inbox = multiprocessing.Queue()
    process = multiprocessing.Process(target=child, args=(inbox,))
    process.start()
    inbox.put(1)
    process.join()


if __name__ == "__main__":
    main()
