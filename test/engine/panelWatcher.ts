/** A panel that only remembers what it would show, as text, and a small drawn recording to show it. */
import assert from 'node:assert/strict';
import { PanelSession } from '../../engine/panelSession.ts';
import {
  type FromPanel,
  type Lane,
  type Selection,
  SLICE_STATES,
  type TableData,
  type ToPanel,
} from '../../wire/panel.ts';
import { ACQUIRE, KIND, OWNER, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { TraceWriter } from './traceWriter.ts';

export const MS = 1e6;

/** Connects to what is written. */
export function watch(writer: TraceWriter, mostSlices = 2_000_000) {
  const messages: ToPanel[] = [];
  const slices = new Map<
    number,
    { start: number; end: number; state: string; label: number; mark: number; merged: number }[]
  >();
  const labels: string[] = [''];
  let lanes: readonly Lane[] = [];
  let request = 0;
  const session = new PanelSession(
    writer.trace,
    (message) => {
      messages.push(message);
      if (message.type === 'lanes') lanes = message.lanes;
      if (message.type === 'labels')
        for (const [index, label] of message.labels.entries())
          labels[message.first + index] = label;
      if (message.type !== 'slices') return;
      for (const part of message.parts) {
        const known = (slices.get(part.lane) ?? []).slice(0, part.keep);
        for (let index = part.offset; index < part.offset + part.count; index++) {
          const { start, end, state, label, mark, merged } = message.columns;
          known.push({
            start: start[index]! / MS,
            end: end[index]! / MS,
            state: SLICE_STATES[state[index]!]!,
            label: label[index]!,
            mark: mark[index]!,
            merged: merged?.[index] ?? 1,
          });
        }
        slices.set(part.lane, known);
      }
    },
    { title: 'demo.py', mostSlices },
  );
  const ask = <T extends ToPanel['type']>(
    type: T,
    message: FromPanel,
  ): Extract<ToPanel, { type: T }> => {
    session.receive(message);
    return messages
      .filter((one): one is Extract<ToPanel, { type: T }> => one.type === type)
      .at(-1)!;
  };
  const lane = (name: string): Lane => {
    const found = lanes.find((one) => one.name === name);
    assert.ok(found, `a lane ${name} among ${lanes.map((one) => one.name).join(', ')}`);
    return found;
  };
  const drawnIn = (id: number): string[] =>
    (slices.get(id) ?? []).map((one) =>
      [`${one.start}-${one.end}`, one.state, ...[labels[one.label] || []].flat()].join(' '),
    );
  const selectIn = (id: number, at: number): Selection =>
    ask('selection', { type: 'select', request: ++request, lane: id, at: at * MS }).selection!;
  const tableOf = (
    id: number,
    from: number,
    to: number,
    tab: TableData['tab'] = 'slices',
  ): TableData =>
    ask('table', {
      type: 'table',
      request: ++request,
      tab,
      from: from * MS,
      to: to * MS,
      sort: null,
      search: '',
      library: false,
      lane: id,
    }).table;
  return {
    session,
    messages,
    lane,
    lanes: () => lanes,
    drawn: (name: string) => drawnIn(lane(name).id),
    drawnIn,
    slices: (name: string) =>
      (slices.get(lane(name).id) ?? []).map((one) => ({ ...one, label: labels[one.label] ?? '' })),
    table: (tab: TableData['tab'], from: number, to: number): TableData =>
      tableOf(0, from, to, tab),
    tableOf,
    select: (name: string, at: number): Selection => selectIn(lane(name).id, at),
    selectIn,
    view: (from: number, to: number, pixels: number, ids: readonly number[]) =>
      ask('series', {
        type: 'view',
        request: ++request,
        from: from * MS,
        to: to * MS,
        pixels,
        lanes: ids,
        visibleFrom: from * MS,
        visibleTo: to * MS,
      }),
  };
}

/** `worker` waits 50 ms for `books`, which `main` holds. */
export function contention(): { writer: TraceWriter; main: number; worker: number; lock: number } {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const worker = process.thread('worker');
  const lock = process.object('books', 'Lock', { stack: process.stack({ line: 3 }) });
  process.record(0, KIND.threadStart, main);
  process.record(10 * MS, KIND.threadStart, worker, { a: main });
  process.record(20 * MS, KIND.acquire, main, { a: lock, b: process.stack({ line: 8 }) });
  process.record(30 * MS, KIND.waitBegin, worker, {
    a: lock,
    b: process.stack({ line: 12 }),
    aux: WAIT.acquire,
  });
  process.record(30 * MS + 1, KIND.waitOwner, worker, {
    a: lock,
    b: process.stack({ line: 8 }),
    c: main,
    aux: OWNER.holder,
  });
  process.record(80 * MS, KIND.release, main, { a: lock });
  process.record(80 * MS, KIND.waitEnd, worker, { a: lock, c: main, aux: WAIT_RESULT.done });
  process.record(80 * MS, KIND.acquire, worker, {
    a: lock,
    b: process.stack({ line: 12 }),
    aux: ACQUIRE.waited,
  });
  process.record(90 * MS, KIND.release, worker, { a: lock });
  process.record(100 * MS, KIND.threadEnd, worker);
  writer.flush();
  return { writer, main, worker, lock };
}
