/** A timeline as Chrome's Trace Event JSON, which chrome://tracing, Perfetto and many others open. Times are µs. */
import type { Spans } from '../../base/spans.ts';
import { type Lane, type LaneId, SLICE_STATES } from '../../wire/panel.ts';
import { STATE_WORDS, type Timeline } from './timeline.ts';

/** Findings and losses are nobody's. */
const FINDINGS_PID = 0;

/** One event a line. */
export function* chromeTrace(timeline: Timeline): Generator<string> {
  const { run } = timeline;
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify({
    command: run.command,
    startedAt: new Date(run.startedAt).toISOString(),
    lost: run.dropped,
  })},"traceEvents":[\n`;
  let first = true;
  for (const event of eventsOf(timeline)) {
    yield `${first ? '' : ',\n'}${JSON.stringify(event)}`;
    first = false;
  }
  yield '\n]}\n';
}

function* eventsOf(timeline: Timeline): Generator<object> {
  yield* findingEvents(timeline);
  // Readers show the numbers of threads: small ones say more than those of lanes.
  const places = new Map<LaneId, { readonly pid: number; readonly tid: number }>();
  for (const [index, lane] of timeline.lanes.entries()) {
    const tid = index + 1;
    places.set(lane.id, { pid: lane.pid, tid });
    yield* laneEvents(timeline, lane, tid);
  }
  let id = 0;
  for (const { from, to, at } of timeline.wakes()) {
    id++;
    const flow = { cat: 'wake', name: 'wakes', id, ts: at / 1e3 };
    yield { ph: 's', ...flow, ...places.get(from) };
    yield { ph: 'f', bp: 'e', ...flow, ...places.get(to) };
  }
}

function* laneEvents(timeline: Timeline, lane: Lane, tid: number): Generator<object> {
  const { pid } = lane;
  const name = nameOf(timeline, lane);
  if (lane.kind === 'process') {
    yield { ph: 'M', name: 'process_name', pid, args: { name: lane.name } };
    yield { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: tid } };
    return;
  }
  const series = timeline.seriesOf(lane);
  if (series !== undefined) {
    for (const [row, at] of series.x.entries()) {
      const values = series.y.map((column, index) => [
        lane.series?.[index]?.name ?? index,
        column[row],
      ]);
      const args = Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
      yield { ph: 'C', name: lane.name, id: lane.id, pid, ts: at / 1e3, args };
    }
    return;
  }
  const spans = timeline.spansOf(lane);
  if (spans === undefined) return;
  yield { ph: 'M', name: 'thread_name', pid, tid, args: { name } };
  yield { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } };
  yield* sliceEvents(timeline, lane, tid, spans);
}

/** Lanes have no parents here: who waits for a lock is named with it. */
function nameOf({ lanes }: Timeline, { kind, parent, name, note }: Lane): string {
  const lock = kind === 'waiter' ? lanes.find(({ id }) => id === parent) : undefined;
  const whose = lock === undefined ? name : `${lock.name}: ${name}`;
  return [whose, note].filter(Boolean).join(' · ');
}

function* sliceEvents(
  timeline: Timeline,
  lane: Lane,
  tid: number,
  spans: Spans,
): Generator<object> {
  for (let index = 0; index < spans.length; index++) {
    const state = SLICE_STATES[spans.state[index]!]!;
    if (state === 'idle') continue;
    const start = spans.start[index]!;
    yield {
      ph: 'X',
      name: timeline.labels[spans.label[index]!] || STATE_WORDS[state],
      cat: state,
      pid: lane.pid,
      tid,
      ts: start / 1e3,
      dur: (spans.end[index]! - start) / 1e3,
    };
  }
}

function* findingEvents({ findings, losses, durationNs }: Timeline): Generator<object> {
  if (findings.length + losses.length === 0) return;
  const pid = FINDINGS_PID;
  yield { ph: 'M', name: 'process_name', pid, args: { name: 'Findings' } };
  yield { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: -1 } };
  for (const [tid, finding] of findings.entries()) {
    yield { ph: 'M', name: 'thread_name', pid, tid, args: { name: finding.rule } };
    const line = finding.locations[0];
    const spans = finding.spans.length > 0 ? finding.spans : [{ from: 0, to: durationNs }];
    for (const { from, to } of spans)
      yield {
        ph: 'X',
        name: finding.title,
        cat: finding.severity,
        pid,
        tid,
        ts: from / 1e3,
        dur: (to - from) / 1e3,
        args: { detail: finding.detail, ...(line && { line: `${line.file}:${line.line}` }) },
      };
  }
  for (const { from, text } of losses)
    yield { ph: 'i', s: 'g', name: text, cat: 'lost', pid, tid: findings.length, ts: from / 1e3 };
}
