/**
 * Measures how fast the engine takes in records, from 10 thousand to 10 million, and how far from linear that is.
 * `node scripts/with-node.mjs scripts/bench/ingest.ts [--most 10000000]`
 */
import { parseArgs } from 'node:util';
import { Trace } from '../../engine/trace.ts';
import { KIND, RECORD, RECORD_BYTES, TASK_BIT, WAIT } from '../../wire/recording.ts';

const STREAM = '100-1f';
const THREADS = 16;
const LOCKS = 50;
const STACKS = 400;
const BATCH_RECORDS = 8192;

const { values } = parseArgs({ options: { most: { type: 'string', default: '10000000' } } });

function definitions(): string {
  const lines: object[] = [];
  for (let id = 1; id <= THREADS; id++)
    lines.push({ def: 'thread', id, name: `worker_${id}`, daemon: false, main: id === 1 });
  for (let id = 1; id <= STACKS; id++) {
    lines.push({ def: 'site', id, file: '/app/server.py', line: id, function: 'serve' });
    lines.push({ def: 'stack', id, sites: [id, 1 + (id % 7)] });
  }
  for (let id = 1; id <= LOCKS; id++)
    lines.push({ def: 'object', id, type: 'Lock', library: 'threading', stack: 1 + (id % STACKS) });
  lines.push({ def: 'object', id: LOCKS + 1, type: 'EventLoop', library: 'asyncio', stack: 1 });
  lines.push({ def: 'object', id: LOCKS + 2, type: 'Queue', library: 'queue', stack: 2 });
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/** A busy server's mix: two thirds locks, the rest samples, loop steps, tasks and queue depths. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 1_000_000_000_000;
  for (let index = 0; index < count; index++) {
    const offset = index * RECORD_BYTES;
    const round = index >> 4;
    const actor = 1 + (round % THREADS);
    const lock = 1 + (round % LOCKS);
    const stack = 1 + (round % STACKS);
    at += 400;
    const put = (kind: number, who: number, a: number, b: number, c: number, aux = 0) => {
      view.setUint8(offset + RECORD.kind, kind);
      view.setUint16(offset + RECORD.aux, aux, true);
      view.setUint32(offset + RECORD.actor, who, true);
      view.setUint32(offset + RECORD.at, at % 4_294_967_296, true);
      view.setUint32(offset + RECORD.at + 4, Math.floor(at / 4_294_967_296), true);
      view.setUint32(offset + RECORD.a, a, true);
      view.setUint32(offset + RECORD.b, b, true);
      view.setUint32(offset + RECORD.c, c, true);
      view.setUint32(offset + RECORD.seq, index + 1, true);
    };
    const task = (TASK_BIT | (1 + (round % 5000))) >>> 0;
    switch (index & 15) {
      case 0:
        put(KIND.waitBegin, actor, lock, stack, 0, WAIT.acquire);
        break;
      case 1:
        put(KIND.waitOwner, actor, lock, stack, 1 + ((round + 1) % THREADS), 1);
        break;
      case 2:
        put(KIND.waitEnd, actor, lock, stack, 0, 1);
        break;
      case 3:
      case 5:
      case 7:
        put(KIND.acquire, actor, lock, stack, 0);
        break;
      case 4:
      case 6:
      case 8:
        put(KIND.release, actor, lock, 0, 0);
        break;
      case 9:
        put(KIND.hold, actor, lock, stack, 20);
        break;
      case 10:
        put(KIND.sample, actor, stack, 900, 10_000, 1);
        break;
      case 11:
        put(KIND.loopStep, task, LOCKS + 1, stack, 5000);
        break;
      case 12:
        put(KIND.taskResume, task, LOCKS + 1, 0, 0);
        break;
      case 13:
        put(KIND.taskSuspend, task, 0, stack, 0);
        break;
      case 14:
        put(KIND.queueDepth, 0, LOCKS + 2, index % 50, 0);
        break;
      default:
        put(KIND.counts, 0, lock, round, round >> 2);
    }
  }
  return bytes;
}

/** ns for one pass over all of it, as batches of the size a reader hands on. */
function measure(bytes: Uint8Array): { readonly ns: number; readonly trace: Trace } {
  const trace = new Trace();
  trace.add({ type: 'definitions', stream: STREAM, text: definitions() });
  const began = process.hrtime.bigint();
  for (let from = 0; from < bytes.length; from += BATCH_RECORDS * RECORD_BYTES) {
    const part = bytes.subarray(from, from + BATCH_RECORDS * RECORD_BYTES);
    trace.add({ type: 'records', stream: STREAM, bytes: part });
  }
  return { ns: Number(process.hrtime.bigint() - began), trace };
}

const sizes = [10_000, 100_000, 1_000_000, 10_000_000].filter(
  (size) => size <= Number(values.most),
);
measure(records(300_000));
let base = 0;
console.log('records     records/s   ns each   of linear   columns');
for (const size of sizes) {
  const bytes = records(size);
  const repeats = Math.max(1, Math.min(20, Math.floor(1_000_000 / size)));
  let best = Number.POSITIVE_INFINITY;
  let chunks = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { ns, trace } = measure(bytes);
    best = Math.min(best, ns / size);
    chunks = trace.columns.chunks.length;
  }
  base ||= best;
  const columns = `${Math.round((chunks * 65_536 * 29) / 1e6)} MB`;
  console.log(
    `${String(size).padEnd(12)}${Math.round(1e9 / best)
      .toLocaleString('en')
      .padStart(
        9,
      )}${best.toFixed(0).padStart(10)}${(best / base).toFixed(2).padStart(12)}${columns.padStart(10)}`,
  );
}
