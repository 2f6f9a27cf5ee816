/** Recordings written down for other tools: what these read is what the panel shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PbfReader } from 'pbf';
import { exportTrace } from '../../engine/export/exportTrace.ts';
import type { ExportName } from '../../wire/exportFormats.ts';
import { KIND, SAMPLE } from '../../wire/recording.ts';
import { contention, MS } from './panelWatcher.ts';
import { TraceWriter } from './traceWriter.ts';

function exported(writer: TraceWriter, format: ExportName): Buffer {
  const parts = [...exportTrace(writer.trace, format, 'demo')];
  return Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
}

interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly name: string };
}

test('chrome: every slice of every lane stands on its own line, in microseconds', () => {
  const { traceEvents } = JSON.parse(exported(contention().writer, 'chrome').toString()) as {
    traceEvents: ChromeEvent[];
  };
  const tids = new Map(
    traceEvents
      .filter(({ name }) => name === 'thread_name')
      .map(({ args, tid }) => [args.name, tid] as const),
  );
  const drawn = (lane: string): string[] =>
    traceEvents
      .filter(({ ph, tid, pid }) => ph === 'X' && pid !== 0 && tid === tids.get(lane))
      .map(({ ts, dur, cat, name }) => `${ts / 1e3}+${dur / 1e3} ${cat}: ${name}`);
  assert.deepEqual(drawn('worker'), [
    '10+20 running: running',
    '30+50 lock: wait books',
    '80+20 running: running',
  ]);
  assert.deepEqual(drawn('books'), [
    '20+10 held: main',
    '30+50 heldContended: main',
    '80+10 held: worker',
  ]);
  assert.deepEqual(drawn('books: worker'), ['30+50 lock: behind main']);
  const flow = traceEvents.filter(({ cat }) => cat === 'wake');
  assert.deepEqual(
    flow.map(({ ph, tid, ts }) => [ph, tid, ts]),
    [
      ['s', tids.get('main'), 80e3],
      ['f', tids.get('worker'), 80e3],
    ],
  );
});

/** Fields of a message: numbers for varints, bytes for the rest. */
function fieldsOf(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new PbfReader(bytes);
  for (let tag = reader.nextField(); tag !== 0; tag = reader.nextField()) {
    const value =
      reader.type === 0
        ? reader.readVarint()
        : reader.type === 1
          ? reader.readFixed64()
          : reader.readBytes();
    fields.set(tag, [...(fields.get(tag) ?? []), value]);
  }
  return fields;
}

test('perfetto: tracks hang below their process and name their slices by number', () => {
  const packets = (fieldsOf(exported(contention().writer, 'perfetto')).get(1) ?? []).map((packet) =>
    fieldsOf(packet as Uint8Array),
  );
  const names = new Map<number, string>();
  const tracks = new Map<number, { name: string; parent: number }>();
  const slices: string[] = [];
  const open = new Map<number, string>();
  const one = (fields: Map<number, (number | Uint8Array)[]> | undefined, field: number): number =>
    Number(fields?.get(field)?.[0] ?? 0);
  const text = (value: number | Uint8Array | undefined): string =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : '';
  for (const packet of packets) {
    const interned = packet.get(12)?.[0];
    if (interned instanceof Uint8Array)
      for (const entry of fieldsOf(interned).get(2) ?? []) {
        const fields = fieldsOf(entry as Uint8Array);
        names.set(one(fields, 1), text(fields.get(2)?.[0]));
      }
    const track = packet.get(60)?.[0];
    if (track instanceof Uint8Array) {
      const fields = fieldsOf(track);
      const process = fields.get(3)?.[0];
      const name =
        process instanceof Uint8Array ? fieldsOf(process).get(6)?.[0] : fields.get(2)?.[0];
      tracks.set(one(fields, 1), { name: text(name), parent: one(fields, 5) });
    }
    const event = packet.get(11)?.[0];
    if (!(event instanceof Uint8Array)) continue;
    const fields = fieldsOf(event);
    const id = one(fields, 11);
    const at = one(packet, 8) / MS;
    if (one(fields, 9) === 1)
      open.set(id, `${at} ${names.get(one(fields, 10)) ?? text(fields.get(23)?.[0])}`);
    if (one(fields, 9) === 2) slices.push(`${tracks.get(id)?.name}: ${open.get(id)} ${at}`);
  }
  assert.ok(slices.includes('worker: 30 wait books 80'), slices.join('\n'));
  assert.ok(slices.includes('books: 30 main 80'), slices.join('\n'));
  const worker = [...tracks.values()].find(({ name }) => name === 'worker');
  assert.equal(tracks.get(worker?.parent ?? 0)?.name, 'python3');
});

test('findings and losses are on the timeline, too', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const one = process.thread('one');
  const two = process.thread('two');
  const locks = [process.object('left'), process.object('right')] as const;
  const stacks = [process.stack({ line: 3 }), process.stack({ line: 4 })] as const;
  process.record(0, KIND.threadStart, one);
  process.record(0, KIND.threadStart, two);
  for (const [index, actor] of [one, two].entries()) {
    process.record(MS, KIND.acquire, actor, { a: locks[index]!, b: stacks[index]! });
  }
  for (const [index, actor] of [one, two].entries()) {
    const wanted = locks[1 - index]!;
    process.record(2 * MS, KIND.waitBegin, actor, { a: wanted, b: stacks[index]!, aux: 1 });
    process.record(2 * MS + 1, KIND.waitOwner, actor, {
      a: wanted,
      b: stacks[1 - index]!,
      c: index === 0 ? two : one,
      aux: 1,
    });
  }
  process.record(900 * MS, KIND.overhead, one, { a: 10 });
  writer.flush();
  writer.trace.add({ type: 'loss', stream: process.name, reason: 'torn', count: 3 });
  const chrome = exported(writer, 'chrome').toString();
  const { traceEvents } = JSON.parse(chrome) as { traceEvents: ChromeEvent[] };
  const found = traceEvents.find(({ cat, ph }) => cat === 'error' && ph === 'X');
  assert.match(found?.name ?? '', /^Deadlock: /);
  assert.ok(
    traceEvents.some(({ cat }) => cat === 'lost'),
    'what was lost is said',
  );
});

test('speedscope: by time a stack lasts until the next one, by CPU as long as the thread computed', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const stack = (line: number) =>
    process.stack({ line, function: `f${line}` }, { line: 1, function: 'main' });
  const sample = (at: number, line: number, cpuUs: number) =>
    process.record(at * MS, KIND.sample, main, {
      a: stack(line),
      b: cpuUs,
      c: 10_000,
      aux: SAMPLE.running,
    });
  process.record(0, KIND.threadStart, main);
  sample(10, 7, 9_000);
  sample(20, 8, 1_000);
  sample(50, 7, 0);
  process.record(60 * MS, KIND.threadEnd, main);
  writer.flush();
  const file = JSON.parse(exported(writer, 'speedscope').toString()) as {
    shared: { frames: { name: string; line: number }[] };
    profiles: { name: string; samples: number[][]; weights: number[]; endValue: number }[];
  };
  const named = file.profiles.map(({ name, samples, weights }) => [
    name,
    samples.map((one) => one.map((frame) => file.shared.frames[frame]?.name).join('>')),
    weights.map((weight) => weight / MS),
  ]);
  const stacks = ['main>f7', 'main>f8', 'main>f7'];
  assert.deepEqual(named, [
    ['main: time', stacks, [10, 30, 10]],
    ['main: CPU', stacks, [9, 1, 0]],
  ]);
  assert.equal(file.profiles[0]?.endValue, 50 * MS);
});
