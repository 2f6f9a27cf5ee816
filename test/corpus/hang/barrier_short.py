# title: a Barrier for four with three parties
# expect: hang
# timeout: 3
# exit: timeout
import threading

barrier = threading.Barrier(4)


def party(n):
    print("party", n)
    barrier.wait()  # expect: hang


threads = [threading.Thread(target=party, args=(n,)) for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
