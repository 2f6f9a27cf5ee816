# title: Phases that end together
# seeds: S10
# shows: every phase ends when its slowest worker arrives. The lanes of the others are blocked at the barrier meanwhile: the straggler is the one without a wait.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""A Barrier lets nobody into the next phase before everybody has left the last one."""

import threading
import time

WORKERS = 4
PHASES = 4


class Simulation:
    """Each cell's next value depends on its neighbours' last one, so all must finish a step."""

    def __init__(self) -> None:
        self.cells = [float(number) for number in range(WORKERS)]
        self.next_cells = list(self.cells)
        self.waited = [0.0] * WORKERS
        self.phase = 0
        self.barrier = threading.Barrier(WORKERS, action=self.swap)

    def swap(self) -> None:
        """Runs in one of the workers, while all others are at the barrier."""
        self.cells, self.next_cells = self.next_cells, self.cells
        self.phase += 1
        print(f"phase {self.phase}: {' '.join(f'{cell:.2f}' for cell in self.cells)}")

    def work(self, index: int) -> None:
        for phase in range(PHASES):
            straggler = index == phase % WORKERS
            time.sleep(0.6 if straggler else 0.2)
            left = self.cells[index - 1]
            right = self.cells[(index + 1) % WORKERS]
            self.next_cells[index] = (left + self.cells[index] + right) / 3
            arrived = time.perf_counter()
            self.barrier.wait()
            self.waited[index] += time.perf_counter() - arrived


def main() -> None:
    simulation = Simulation()
    workers = [
        threading.Thread(target=simulation.work, args=(index,), name=f"cell-{index}")
        for index in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("waited at the barrier:", " ".join(f"{wait:.2f}" for wait in simulation.waited), "s")


if __name__ == "__main__":
    main()
