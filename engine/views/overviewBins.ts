/** Time by state over the whole run in at most 512 bins, which become wider as the run gets longer; only what changed is summed again. */
import type { Spans } from '../../base/spans.ts';
import { type Overview, SLICE_STATES } from '../../wire/panel.ts';

const BINS = 512;
const FIRST_BIN_NS = 1e6;
const STATES = SLICE_STATES.length;

export class OverviewBins {
  readonly #time = new Float32Array(BINS * STATES);
  #binNs = FIRST_BIN_NS;
  #lanes = 0;

  /**
   * @param dirtyFrom nothing before it changed since the last call, ns.
   * @param now end of the run so far, ns.
   */
  update(lanes: readonly Spans[], dirtyFrom: number, now: number): Overview {
    let first = Math.max(0, Math.floor(dirtyFrom / this.#binNs));
    if (now >= this.#binNs * BINS || lanes.length !== this.#lanes) first = 0;
    while (now >= this.#binNs * BINS) this.#binNs *= 2;
    this.#lanes = lanes.length;
    const count = Math.min(BINS, Math.max(1, Math.ceil(now / this.#binNs)));
    const sums = new Float64Array(STATES);
    for (let bin = first; bin < count; bin++) {
      sums.fill(0);
      for (const spans of lanes) spans.addTime(bin * this.#binNs, (bin + 1) * this.#binNs, sums);
      this.#time.set(sums, bin * STATES);
    }
    return {
      from: 0,
      to: count * this.#binNs,
      buckets: count,
      time: this.#time.slice(0, count * STATES),
      lanes: lanes.length,
    };
  }
}
