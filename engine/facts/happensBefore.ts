/** Which moments of two actors are ordered by starts, joins and results, so that they cannot overlap. */
import type { Actor } from '../ingest/actor.ts';
import type { Trace } from '../trace.ts';
import type { OpenWait } from './waits.ts';

const MAX_ARROWS = 400_000;

/** What its actor did until `fromNs` is known to `to` from `toNs` on. */
interface Arrow {
  readonly fromNs: number;
  readonly to: Actor;
  readonly toNs: number;
}

interface ChildProcess {
  readonly pid: number;
  readonly at: number;
}

export class HappensBefore {
  readonly #arrows = new Map<Actor, Arrow[]>();
  /** Processes are named by id: their streams may be read later than their parent's. */
  readonly #children = new Map<Actor, ChildProcess[]>();
  readonly #processEnds = new Map<number, { readonly at: number; readonly to: Actor }>();
  #count = 0;

  arrow(from: Actor, fromNs: number, to: Actor, toNs: number): void {
    if (from === to || this.#count >= MAX_ARROWS) return;
    this.#count++;
    const arrows = this.#arrows.get(from);
    if (arrows === undefined) this.#arrows.set(from, [{ fromNs, to, toNs }]);
    else arrows.push({ fromNs, to, toNs });
  }

  /** All items of a queue are done: what those did who stand at it for the next is over for who has joined it. */
  queueDone(joining: OpenWait, at: number): void {
    for (const { actor } of joining.object?.waiting ?? []) this.arrow(actor, at, joining.actor, at);
  }

  processStart(from: Actor, at: number, pid: number): void {
    if (this.#count >= MAX_ARROWS) return;
    this.#count++;
    const children = this.#children.get(from);
    if (children === undefined) this.#children.set(from, [{ pid, at }]);
    else children.push({ pid, at });
  }

  processEnd(pid: number, at: number, to: Actor): void {
    if (this.#processEnds.size < MAX_ARROWS) this.#processEnds.set(pid, { at, to });
  }

  /** True when `earlier` at `earlierNs` is over before `later` comes to `laterNs`, whatever the scheduler does. */
  ordered(trace: Trace, earlier: Actor, earlierNs: number, later: Actor, laterNs: number): boolean {
    if (earlier === later) return earlierNs <= laterNs;
    const known = new Map<Actor, number>([[earlier, earlierNs]]);
    const open: Actor[] = [earlier];
    for (let actor = open.pop(); actor !== undefined; actor = open.pop()) {
      const since = known.get(actor)!;
      for (const { fromNs, to, toNs } of this.#from(trace, actor)) {
        if (fromNs < since || (known.get(to) ?? Number.POSITIVE_INFINITY) <= toNs) continue;
        known.set(to, toNs);
        open.push(to);
      }
    }
    const reached = known.get(later);
    return reached !== undefined && reached <= laterNs;
  }

  #from(trace: Trace, actor: Actor): readonly Arrow[] {
    const arrows = this.#arrows.get(actor) ?? [];
    const children = this.#children.get(actor) ?? [];
    const end = this.#processEnds.get(actor.stream.pid);
    if (children.length === 0 && end === undefined) return arrows;
    const begun = children.flatMap(({ pid, at }) =>
      // The child may be under way before its parent comes to say so.
      trace
        .streamsOfPid(pid)
        .flatMap(({ mainThread }) =>
          mainThread === undefined ? [] : { fromNs: at, to: mainThread, toNs: 0 },
        ),
    );
    const over = end === undefined ? [] : [{ fromNs: end.at, to: end.to, toNs: end.at }];
    return [...arrows, ...begun, ...over];
  }
}
