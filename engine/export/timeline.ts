/** A whole run as the panel draws it, for whoever writes it down for another tool. */
import type { Spans } from '../../base/spans.ts';
import {
  type Lane,
  type LaneId,
  type Loss,
  PANEL_VERSION,
  type PanelFinding,
  type RunInfo,
  type Series,
  type SliceState,
} from '../../wire/panel.ts';
import { WAIT_RESULT } from '../../wire/recording.ts';
import { PanelSession } from '../panelSession.ts';
import type { Trace } from '../trace.ts';
import type { LaneBook } from '../views/laneBook.ts';
import { buildLanes } from '../views/lanes.ts';
import { seriesOf } from '../views/series.ts';

/** Shorter waits are not joined to who ended them: there may be millions. */
const SHORTEST_WAKE_NS = 100e3;

/** `from` ended the wait of `to` at this time, ns since trace start. */
export interface Wake {
  readonly from: LaneId;
  readonly to: LaneId;
  readonly at: number;
}

export interface Timeline {
  readonly run: RunInfo;
  readonly durationNs: number;
  readonly lanes: readonly Lane[];
  /** Texts of the spans' labels. */
  readonly labels: readonly string[];
  readonly findings: readonly PanelFinding[];
  readonly losses: readonly Loss[];
  /** Undefined for headings and series. */
  spansOf(lane: Lane): Spans | undefined;
  seriesOf(lane: Lane): Series | undefined;
  wakes(): Iterable<Wake>;
}

/** What a slice is called where it has no name of its own. */
export const STATE_WORDS: Readonly<Record<SliceState, string>> = {
  idle: 'idle',
  io: 'I/O or sleep',
  waiting: 'waiting',
  running: 'running',
  gil: 'waiting for the GIL',
  lock: 'waiting for a lock',
  blocksLoop: 'blocks the event loop',
  deadlocked: 'deadlocked',
  unknown: 'unknown',
  held: 'held',
  heldContended: 'held while others wait',
};

/** Of a trace that has all its batches. */
export function timelineOf(trace: Trace, title: string): Timeline {
  let run: RunInfo | undefined;
  let findings: readonly PanelFinding[] = [];
  let losses: readonly Loss[] = [];
  const session = new PanelSession(
    trace,
    (message) => {
      if (message.type === 'run') run = message.run;
      if (message.type === 'findings') findings = message.findings;
      if (message.type === 'losses') losses = message.losses;
    },
    // No slices by message: they are read where they are.
    { title, mostSlices: 0 },
  );
  session.finish({ state: 'finished' });
  session.receive({ type: 'ready', version: PANEL_VERSION });
  const { book } = session;
  return {
    run: run!,
    durationNs: trace.durationNs,
    lanes: buildLanes(book),
    labels: book.labels.texts,
    findings,
    losses,
    spansOf: (lane) => book.spansOf(lane.id),
    seriesOf: (lane) =>
      seriesOf(
        book,
        lane.id,
        { from: 0, to: trace.durationNs, pixels: Number.POSITIVE_INFINITY },
        trace.durationNs,
      ),
    wakes: () => wakesOf(book),
  };
}

function* wakesOf(book: LaneBook): Generator<Wake> {
  const { actor, endedBy, from, to, result } = book.history.waits;
  const { actors } = book.trace;
  for (let row = 0; row < actor.length; row++) {
    const waiter = actors[actor.get(row)];
    const waker = actors[endedBy.get(row)];
    if (waiter === undefined || waker === undefined || waiter === waker) continue;
    if (result.get(row) !== WAIT_RESULT.done) continue;
    if (to.get(row) - from.get(row) < SHORTEST_WAKE_NS) continue;
    if (!book.actors.has(waiter) || !book.actors.has(waker)) continue;
    yield { from: book.laneOfActor(waker), to: book.laneOfActor(waiter), at: to.get(row) };
  }
}
