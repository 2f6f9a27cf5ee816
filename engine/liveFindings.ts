/** Findings while a run is live: deadlocks and hangs at every look, the other rules every half second. */
import type { Finding } from '../wire/report.ts';
import { applyRules } from './analyze.ts';
import { RULE_TABLE, URGENT_RULES } from './rules.ts';
import type { Trace } from './trace.ts';

const ALL_EVERY_NS = 500e6;

export interface LiveUpdate {
  readonly added: Finding[];
  readonly changed: Finding[];
}

export class LiveFindings {
  readonly #trace: Trace;
  readonly #known = new Map<string, Finding>();
  readonly #texts = new Map<string, string>();
  #nextAllNs = 0;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Everything said so far, as last said. */
  get all(): readonly Finding[] {
    return [...this.#known.values()];
  }

  /**
   * Cheap enough for every 50 ms.
   * @param nowNs ns since trace start; without it the time of the latest record.
   */
  update(nowNs?: number): LiveUpdate {
    const now = Math.max(nowNs ?? 0, this.#trace.endNs);
    const everything = now >= this.#nextAllNs;
    if (everything) this.#nextAllNs = now + ALL_EVERY_NS;
    const update: LiveUpdate = { added: [], changed: [] };
    for (const one of applyRules(this.#trace, everything ? RULE_TABLE : URGENT_RULES, now, false))
      this.#report(one, update);
    return update;
  }

  #report(one: Finding, update: LiveUpdate): void {
    // What grows by itself with time is no news.
    const text = `${one.title}\0${one.locations.length}\0${one.evidence.victims?.length ?? 0}`;
    const before = this.#texts.get(one.id);
    this.#known.set(one.id, one);
    this.#texts.set(one.id, text);
    if (before === undefined) update.added.push(one);
    else if (before !== text) update.changed.push(one);
  }
}
