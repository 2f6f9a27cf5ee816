/** Maps a stream's own ids to trace-wide indexes: an array for the usual dense ids, a map for far-off ones. */
const DENSE_START = 1024;

export class IdMap {
  #dense = new Uint32Array(64);
  #sparse: Map<number, number> | undefined;
  #count = 0;

  /** 0 when the id is not known. */
  get(id: number): number {
    if (id < this.#dense.length) return this.#dense[id]!;
    return this.#sparse?.get(id) ?? 0;
  }

  set(id: number, index: number): void {
    this.#count++;
    // An id far beyond the number of ids seen would make a hostile stream cost gigabytes.
    if (id < DENSE_START || id < this.#count * 8) {
      if (id >= this.#dense.length) this.#enlarge(id);
      this.#dense[id] = index;
    } else {
      this.#sparse ??= new Map();
      this.#sparse.set(id, index);
    }
  }

  #enlarge(id: number): void {
    const larger = new Uint32Array(Math.max(id + 1, this.#dense.length * 2));
    larger.set(this.#dense);
    this.#dense = larger;
    if (this.#sparse === undefined) return;
    for (const [key, index] of this.#sparse) {
      if (key >= larger.length) continue;
      larger[key] = index;
      this.#sparse.delete(key);
    }
  }
}
