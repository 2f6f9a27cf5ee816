# title: parent and child both wait to receive first
# expect: deadlock|hang
# timeout: 4
# exit: timeout
import multiprocessing as mp


def child(conn):
    greeting = conn.recv()  # expect: deadlock|hang
    conn.send("hello " + greeting)


if __name__ == "__main__":
    here, there = mp.Pipe()
    p = mp.Process(target=child, args=(there,))
    p.start()
    print(here.recv())  # expect: deadlock|hang
    here.send("parent")
    p.join()
