/** Which moments of two actors are ordered by starts, joins and results, so that they cannot overlap. */
import type { Actor } from '../ingest/actor.ts';

const MAX_ARROWS = 400_000;

/** What `from` did until `fromNs` is known to `to` from `toNs` on. */
interface Arrow {
  readonly from: Actor;
  readonly fromNs: number;
  readonly to: Actor;
  readonly toNs: number;
}

export class HappensBefore {
  readonly #arrows = new Map<Actor, Arrow[]>();
  #count = 0;

  arrow(from: Actor, fromNs: number, to: Actor, toNs: number): void {
    if (from === to || this.#count >= MAX_ARROWS) return;
    this.#count++;
    const arrows = this.#arrows.get(from);
    if (arrows === undefined) this.#arrows.set(from, [{ from, fromNs, to, toNs }]);
    else arrows.push({ from, fromNs, to, toNs });
  }

  /** True when `earlier` at `earlierNs` is over before `later` comes to `laterNs`, whatever the scheduler does. */
  ordered(earlier: Actor, earlierNs: number, later: Actor, laterNs: number): boolean {
    if (earlier === later) return earlierNs <= laterNs;
    const known = new Map<Actor, number>([[earlier, earlierNs]]);
    const open: Actor[] = [earlier];
    for (let actor = open.pop(); actor !== undefined; actor = open.pop()) {
      const since = known.get(actor)!;
      for (const arrow of this.#arrows.get(actor) ?? []) {
        if (arrow.fromNs < since) continue;
        const before = known.get(arrow.to);
        if (before !== undefined && before <= arrow.toNs) continue;
        known.set(arrow.to, arrow.toNs);
        open.push(arrow.to);
      }
    }
    const reached = known.get(later);
    return reached !== undefined && reached <= laterNs;
  }
}
