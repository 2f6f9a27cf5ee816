# title: one party fails before it reaches the barrier
# expect: hang
# may: task-exception-lost
# timeout: 3
# exit: timeout
import threading

meeting = threading.Barrier(3)


def load(part):
    if part == "broken":
        raise OSError("cannot read " + part)
    meeting.wait()  # expect: hang


for part in ("a", "b", "broken"):
    threading.Thread(target=load, args=(part,)).start()
