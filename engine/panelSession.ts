/** Feeds one panel from one trace: what it shows, what is new since the last tick, and answers to what it asks. Pure: no clock, no files. */
import type { Spans } from '../base/spans.ts';
import {
  type FromPanel,
  type LaneId,
  type PanelCommand,
  type PanelFinding,
  type RunInfo,
  type RunState,
  type Series,
  STATE,
  type ToPanel,
} from '../wire/panel.ts';
import { analyze } from './analyze.ts';
import type { Actor } from './ingest/actor.ts';
import { TracedObject } from './ingest/object.ts';
import { LiveFindings } from './liveFindings.ts';
import type { Trace } from './trace.ts';
import { toPanelFinding } from './views/findingLanes.ts';
import { LaneBook } from './views/laneBook.ts';
import { buildLanes } from './views/lanes.ts';
import { endOfStream, isSilent, lossesOf } from './views/losses.ts';
import { headlineOf, totalsOf } from './views/measure.ts';
import { OverviewBins } from './views/overviewBins.ts';
import { selectActor, selectLock, selectWaiter } from './views/select.ts';
import { seriesOf } from './views/series.ts';
import { SliceSender } from './views/sliceSender.ts';
import { isStuck } from './views/tables/locks.ts';
import { makeTable } from './views/tables.ts';

export interface PanelSessionOptions {
  /** `orders_service.py` */
  readonly title: string;
  /** Above this many slices the panel gets tiles of what it shows instead of everything. */
  readonly mostSlices?: number;
}

export interface RunChange {
  readonly state: RunState;
  /** How it ended, or what went wrong and what to do: whole sentences. */
  readonly message?: string;
  readonly endedBadly?: boolean;
  /** What the reader can do now. */
  readonly can?: readonly PanelCommand[];
}

export type Post = (message: ToPanel, transfer?: ArrayBuffer[]) => void;

const MOST_SLICES = 2_000_000;
/** Lanes and the overview are looked at anew this often while a program runs, ns of trace time. */
const SHAPE_EVERY_NS = 250e6;
/** Findings are told anew when they have cost this much more. */
const LOST_STEP_NS = 500e6;

/**
 * The owner adds batches to the trace, calls `tick` about every 50 ms while the program runs, and `finish` once when the
 * recording has ended. Before the panel has said `ready` nothing is posted.
 */
export class PanelSession {
  readonly #trace: Trace;
  readonly #post: Post;
  readonly #title: string;
  readonly #book: LaneBook;
  readonly #live: LiveFindings;
  readonly #overview = new OverviewBins();
  readonly #sender: SliceSender;
  #run: RunChange = { state: 'loading' };
  #ready = false;
  #finished = false;
  #now = 0;
  #nextShape = 0;
  #sentLanes = '';
  #sentLabels = 0;
  #sentLosses = '';
  #findings: readonly PanelFinding[] = [];
  #lost = '';
  #reveal = '';

  constructor(trace: Trace, post: Post, options: PanelSessionOptions) {
    this.#trace = trace;
    this.#post = post;
    this.#title = options.title;
    this.#book = new LaneBook(trace);
    this.#live = new LiveFindings(trace);
    this.#sender = new SliceSender(post, options.mostSlices ?? MOST_SLICES);
  }

  /** All lanes with what they show, as far as they have been drawn. */
  get book(): LaneBook {
    return this.#book;
  }

  /** False when the message is not the engine's business: openSource, openRule, copy and command are the owner's. */
  receive(message: FromPanel): boolean {
    switch (message.type) {
      case 'ready':
        this.#start();
        return true;
      case 'view':
        this.#answerView(message);
        return true;
      case 'table':
        this.#post({
          type: 'table',
          request: message.request,
          table: makeTable(this.#book, {
            ...message,
            window: { from: message.from, to: message.to },
          }),
        });
        return true;
      case 'select':
        this.#answerSelect(message.request, message.lane, message.at);
        return true;
      default:
        return false;
    }
  }

  /** `nowNs`: trace time now, for what has begun and not ended. */
  tick(nowNs: number): void {
    if (this.#finished) return;
    this.#now = Math.max(nowNs, this.#trace.endNs);
    if (!this.#ready) return;
    this.#advance(false);
  }

  /** Loading, running, failed, or other things to do: shown in the header at once. */
  change(run: RunChange): void {
    this.#run = { ...this.#run, ...run };
    if (this.#ready) this.#postRun();
  }

  /** No more batches will come: what is still open ends here. */
  finish(run: RunChange): void {
    this.#run = { ...this.#run, ...run };
    this.#finished = true;
    if (this.#ready) this.#advance(true);
  }

  /** Shows a finding in the panel, now or as soon as it is ready. */
  reveal(finding: string): void {
    if (this.#ready) this.#post({ type: 'reveal', finding });
    else this.#reveal = finding;
  }

  /** Everything from the beginning: the panel is new, or was hidden and is there again. */
  #start(): void {
    this.#ready = true;
    this.#sentLanes = '';
    this.#sentLabels = 0;
    this.#sentLosses = '';
    this.#nextShape = 0;
    this.#sender.startOver();
    this.#advance(true);
    this.#post({ type: 'caughtUp' });
    if (this.#reveal) this.#post({ type: 'reveal', finding: this.#reveal });
    this.#reveal = '';
  }

  #advance(everything: boolean): void {
    if (this.#finished) this.#now = this.#trace.durationNs;
    this.#book.catchUp();
    this.#postRun();
    const shape = everything || this.#now >= this.#nextShape;
    this.#updateFindings(everything);
    this.#flush();
    if (shape) {
      this.#nextShape = this.#now + SHAPE_EVERY_NS;
      this.#postLanes();
      this.#postOverview();
      this.#postLosses();
    }
    this.#postLabels();
    this.#sender.send();
  }

  #postRun(): void {
    this.#post({ type: 'run', run: this.#runInfo() });
  }

  #runInfo(): RunInfo {
    const { manifest, streams } = this.#trace;
    const elapsedNs = this.#finished ? this.#trace.durationNs : this.#now;
    const overheadNs = streams.reduce((sum, stream) => sum + stream.overheadNs, 0);
    let dropped = this.#trace.refused;
    for (const stream of streams) for (const count of stream.losses.values()) dropped += count;
    return {
      state: this.#run.state,
      title: this.#title,
      command: manifest?.command ?? [],
      pid: streams[0]?.pid ?? 0,
      processes: streams.length,
      elapsedNs,
      startedAt: (manifest?.startedAt.wall ?? 0) / 1e6,
      records: this.#trace.columns.length,
      dropped,
      overheadNs,
      overheadShare: elapsedNs > 0 ? overheadNs / elapsedNs : 0,
      message: this.#run.message ?? '',
      endedBadly: this.#run.endedBadly ?? false,
      can: this.#run.can ?? [],
      cores: manifest?.host.cores ?? 1,
      runtimes: [...new Set(streams.flatMap((stream) => stream.process?.runtime ?? []))],
      blind: [...new Set(streams.flatMap((stream) => stream.process?.blind ?? []))],
    };
  }

  #updateFindings(everything: boolean): void {
    let changed = everything;
    let all = this.#live.all;
    if (this.#finished) all = analyze(this.#trace, { ended: true });
    else {
      const { added, changed: other } = this.#live.update(this.#now);
      changed ||= added.length + other.length > 0;
      all = this.#live.all;
    }
    // A deadlock costs more the longer it lasts: whoever watches sees it grow.
    const lost = all.map(({ lostNs }) => Math.floor(lostNs / LOST_STEP_NS)).join();
    changed ||= lost !== this.#lost;
    this.#lost = lost;
    if (!changed) return;
    this.#findings = all.map((one) => toPanelFinding(this.#book, one));
    this.#post({ type: 'findings', findings: this.#findings });
  }

  /** Brings every lane's slices up to now; what changed is to be sent. */
  #flush(): void {
    for (const [actor, lane] of this.#book.actors) {
      const { stream } = actor;
      // A process that ended without a word: nobody knows what its threads did then.
      const silent = this.#finished && isSilent(this.#trace, stream);
      if (silent) lane.lose(endOfStream(this.#trace, stream));
      const end = silent && actor.endNs === undefined ? this.#now : this.#endOf(actor);
      const before = lane.slices.spans.version;
      const keep = lane.flush(end, this.#openState(actor));
      if (lane.slices.spans.version === before) continue;
      this.#sender.note(this.#book.laneOfActor(actor), lane.slices.spans, keep);
    }
    for (const [object, lane] of this.#book.locks) {
      const keep = lane.flush(
        object.stream.alive && !this.#finished
          ? this.#now
          : this.#lastOf(endOfStream(this.#trace, object.stream)),
      );
      this.#sender.note(this.#book.laneOfObject(object), lane.slices.spans, keep);
    }
    for (const [object, waiters] of this.#book.waiters)
      for (const waiter of waiters.values()) {
        if (!waiter.changed) continue;
        const { actor } = waiter;
        const keep = waiter.flush(this.#endOf(actor), isStuck(this.#book, actor.index));
        this.#sender.note(this.#book.laneOfWaiter(object, waiter), waiter.slices.spans, keep);
      }
  }

  /** What a lane shows at its open end. */
  #openState(actor: Actor): number {
    return isStuck(this.#book, actor.index) ? STATE.deadlocked : -1;
  }

  #endOf(actor: Actor): number {
    if (actor.endNs !== undefined) return actor.endNs;
    const { stream } = actor;
    if (!this.#finished && stream.alive) return this.#now;
    // Whoever was last seen to wait waited until the end.
    return this.#lastOf(
      this.#book.openWaits.has(actor) ? this.#now : endOfStream(this.#trace, stream),
    );
  }

  #lastOf(at: number): number {
    return this.#finished ? Math.min(Math.max(at, 0), this.#trace.durationNs) : at;
  }

  #postLanes(): void {
    const lanes = buildLanes(this.#book);
    // Cheaper than to remember what could have changed: a text a lane.
    const text = JSON.stringify(lanes);
    if (text === this.#sentLanes) return;
    this.#sentLanes = text;
    this.#post({ type: 'lanes', lanes });
  }

  #postOverview(): void {
    const lanes: Spans[] = [];
    let dirty = this.#now;
    for (const [actor, lane] of this.#book.actors) {
      if (actor.kind !== 'thread') continue;
      lanes.push(lane.slices.spans);
      dirty = Math.min(dirty, lane.dirtyFrom);
      lane.dirtyFrom = this.#now;
    }
    this.#post({
      type: 'overview',
      overview: this.#overview.update(lanes, dirty, Math.max(this.#now, 1)),
    });
  }

  #postLosses(): void {
    const losses = lossesOf(this.#trace);
    const text = JSON.stringify(losses);
    if (text === this.#sentLosses) return;
    this.#sentLosses = text;
    this.#post({ type: 'losses', losses });
  }

  #postLabels(): void {
    const { texts } = this.#book.labels;
    for (const id of this.#book.labels.rename())
      if (id < this.#sentLabels) this.#post({ type: 'labels', first: id, labels: [texts[id]!] });
    if (texts.length === this.#sentLabels) return;
    this.#post({ type: 'labels', first: this.#sentLabels, labels: texts.slice(this.#sentLabels) });
    this.#sentLabels = texts.length;
  }

  #answerView(message: Extract<FromPanel, { readonly type: 'view' }>): void {
    const series = message.lanes.flatMap((lane): Series[] => {
      const one = seriesOf(this.#book, lane, message, this.#now);
      return one ? [one] : [];
    });
    this.#sender.tile(this.#book, message);
    const visible = { from: message.visibleFrom, to: message.visibleTo };
    this.#post({
      type: 'series',
      request: message.request,
      from: message.from,
      to: message.to,
      series,
      headline: headlineOf(this.#book, visible),
      totals: totalsOf(this.#book, visible),
    });
    this.#postLabels();
  }

  #answerSelect(request: number, lane: LaneId, at: number): void {
    const thing = this.#book.thingOf(lane);
    const waiter = this.#book.waiterOf(lane);
    const selection =
      thing === undefined
        ? waiter && selectWaiter(this.#book, waiter, lane, at, this.#findings)
        : thing instanceof TracedObject
          ? selectLock(this.#book, thing, at, this.#findings)
          : selectActor(this.#book, thing, at, this.#findings);
    this.#postLabels();
    this.#post({ type: 'selection', request, selection: selection ?? null });
  }
}
