/** Where CPU time went and how much threads fought for the GIL. */
const FIRST_BIN_NS = 100e6;
const MAX_BINS = 4096;

export interface GilTotals {
  /** ns covered by the estimates. */
  periodNs: number;
  /** ns waited by all threads together. */
  waitedNs: number;
  /** Threads that wanted the GIL, times ns. */
  wantedNs: number;
  /** Exact waits of single threads, ns; the native core only. */
  exactNs: number;
  exactCount: number;
}

export class CpuFacts {
  readonly gil: GilTotals = { periodNs: 0, waitedNs: 0, wantedNs: 0, exactNs: 0, exactCount: 0 };
  samples = 0;
  /** CPU ns of all threads by time; the width doubles when there are too many. */
  bins: Float64Array = new Float64Array(MAX_BINS);
  binNs = FIRST_BIN_NS;
  usedBins = 0;

  sample(at: number, cpuNs: number): void {
    this.samples++;
    let bin = Math.floor(at / this.binNs);
    while (bin >= MAX_BINS) {
      this.#halve();
      bin = Math.floor(at / this.binNs);
    }
    this.bins[bin]! += cpuNs;
    this.usedBins = Math.max(this.usedBins, bin + 1);
  }

  /** CPU ns of all threads between two times, as exactly as the bins are wide. */
  between(from: number, to: number): number {
    let sum = 0;
    const last = Math.min(this.usedBins - 1, Math.floor(to / this.binNs));
    for (let bin = Math.floor(from / this.binNs); bin <= last; bin++) {
      const start = bin * this.binNs;
      const part = Math.min(to, start + this.binNs) - Math.max(from, start);
      sum += (this.bins[bin]! * part) / this.binNs;
    }
    return sum;
  }

  #halve(): void {
    for (let bin = 0; bin < MAX_BINS; bin += 2)
      this.bins[bin / 2] = this.bins[bin]! + this.bins[bin + 1]!;
    this.bins.fill(0, MAX_BINS / 2);
    this.binNs *= 2;
    this.usedBins = Math.ceil(this.usedBins / 2);
  }
}
