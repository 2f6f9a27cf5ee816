/** Decodes whole 32-byte records into the columns and hands each to the facts. The one hot loop of the engine. */
import { KIND, OWNER, RECORD_BYTES, TASK_BIT } from '../../wire/recording.ts';
import { applyRecord } from '../facts/apply.ts';
import type { Trace } from '../trace.ts';
import { CHUNK_MASK } from './columns.ts';
import { FIELD, FIELD_A, FIELD_B, FIELD_C, KNOWN } from './fields.ts';
import type { Stream } from './stream.ts';

/** A time more than this after the newest one so far is no time of this recording. */
const MAX_JUMP_NS = 30 * 86_400 * 1e9;
/** Two clocks of a host read in another order may differ by this. */
const MAX_BEFORE_START_NS = 60 * 1e9;
const WORDS = RECORD_BYTES / 4;
const TASK_ID_MASK = TASK_BIT - 1;

/** @param bytes whole records; a remainder shorter than one record is refused. */
export function addRecords(trace: Trace, stream: Stream, bytes: Uint8Array): void {
  const count = Math.floor(bytes.length / RECORD_BYTES);
  if (count * RECORD_BYTES !== bytes.length) trace.refuse('record');
  const words = wordsOf(bytes, count);
  const { columns } = trace;
  for (let record = 0, word = 0; record < count; record++, word += WORDS) {
    const first = words[word]!;
    const kind = first & 0xff;
    if (KNOWN[kind] === 0) {
      trace.refuse('kind');
      continue;
    }
    let at = words[word + 3]! * 4_294_967_296 + words[word + 2]!;
    if (!trace.anchored) trace.anchor(at);
    at -= trace.origin;
    if (at < -MAX_BEFORE_START_NS || at > trace.endNs + MAX_JUMP_NS) {
      trace.refuse('time');
      continue;
    }
    if (at < 0) at = 0;
    const aux = first >>> 16;
    const actor = actorIndex(trace, stream, words[word + 1]!, at);
    const a = translate(trace, stream, FIELD_A[kind]!, words[word + 4]!, at);
    const b = translate(trace, stream, FIELD_B[kind]!, words[word + 5]!, at);
    const field = FIELD_C[kind]!;
    const c =
      field === FIELD.owner
        ? ownerIndex(trace, stream, kind, aux, words[word + 6]!, at)
        : translate(trace, stream, field, words[word + 6]!, at);

    const chunk = columns.open();
    const place = columns.length & CHUNK_MASK;
    chunk.kind[place] = kind;
    chunk.aux[place] = aux;
    chunk.stream[place] = stream.index;
    chunk.actor[place] = actor;
    chunk.at[place] = at;
    chunk.a[place] = a;
    chunk.b[place] = b;
    chunk.c[place] = c;
    columns.grow();
    stream.records++;
    if (stream.gaps.length > 0) stream.sawRecord(at);
    if (at > stream.lastNs) stream.lastNs = at;
    if (at > trace.endNs) trace.endNs = at;
    applyRecord(trace, stream, kind, aux, actor, at, a, b, c);
    if (at >= trace.watch.nextLookNs) trace.watch.look(trace, at);
  }
}

function translate(trace: Trace, stream: Stream, field: number, value: number, at: number): number {
  switch (field) {
    case FIELD.object:
      return value === 0 ? 0 : stream.objectIds.get(value);
    case FIELD.stack:
      return value === 0 ? 0 : stream.stackIds.get(value);
    case FIELD.string:
      return value === 0 ? 0 : stream.stringIds.get(value);
    case FIELD.actor:
      return actorIndex(trace, stream, value, at);
    case FIELD.chain:
      return value === 0 ? 0 : stream.chainIds.get(value);
    case FIELD.task:
      return value === 0 ? 0 : actorIndex(trace, stream, (value | TASK_BIT) >>> 0, at);
    default:
      return value;
  }
}

function actorIndex(trace: Trace, stream: Stream, id: number, at: number): number {
  if (id === 0) return 0;
  // Tasks may have no definition of their own: the first record that names one makes it.
  if (id >= TASK_BIT) {
    const known = stream.taskIds.get(id & TASK_ID_MASK);
    return known !== 0 ? known : (trace.taskOf(stream, id & TASK_ID_MASK, at)?.index ?? 0);
  }
  return stream.threadIds.get(id);
}

function ownerIndex(
  trace: Trace,
  stream: Stream,
  kind: number,
  aux: number,
  value: number,
  at: number,
): number {
  const owner = aux & 0xff;
  if (owner === OWNER.process) return value;
  if (owner === OWNER.queued || owner === OWNER.loop) return stream.objectIds.get(value);
  if (owner > OWNER.loop && kind === KIND.waitOwner) return 0;
  return actorIndex(trace, stream, value, at);
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  if (LITTLE_ENDIAN && bytes.byteOffset % 4 === 0)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, count * WORDS);
  const words = new Uint32Array(count * WORDS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let word = 0; word < words.length; word++) words[word] = view.getUint32(word * 4, true);
  return words;
}
