// A mutex in shared memory, as small as it can be right. 0: free, 1: held, 2: held and somebody waits.
const FREE = 0;
const HELD = 1;
const WANTED = 2;

export class Mutex {
  /** @param {Int32Array} cells in shared memory @param {number} index the cell that is this mutex */
  constructor(cells, index) {
    this.cells = cells;
    this.index = index;
  }

  lock() {
    if (Atomics.compareExchange(this.cells, this.index, FREE, HELD) === FREE) return;
    while (Atomics.exchange(this.cells, this.index, WANTED) !== FREE) {
      Atomics.wait(this.cells, this.index, WANTED);
    }
  }

  unlock() {
    if (Atomics.exchange(this.cells, this.index, FREE) === WANTED) {
      Atomics.notify(this.cells, this.index, 1);
    }
  }
}
