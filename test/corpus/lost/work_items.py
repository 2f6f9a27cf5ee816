# title: pool work that fails in silence
# expect: task-exception-lost
# exit: 0
import concurrent.futures

done = []


def resize(name):
    if name.endswith(".txt"):
        raise ValueError("not an image: " + name)
    done.append(name)


with concurrent.futures.ThreadPoolExecutor() as pool:
    for name in ("a.png", "b.txt", "c.png"):
        pool.submit(resize, name)
print(done)
