# title: a process pool item fails and its future is dropped
# expect: task-exception-lost
# exit: 0
from concurrent.futures import ProcessPoolExecutor


def parse(text):
    return int(text)


if __name__ == "__main__":
    with ProcessPoolExecutor(1) as pool:
        for text in ("1", "2", "three"):
            pool.submit(parse, text)
    print("all parsed")
