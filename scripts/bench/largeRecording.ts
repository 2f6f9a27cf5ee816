/** Writes a recording of any size: 64 threads that take and wait for 16 locks, as a probe would have written it. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  KIND,
  type Manifest,
  RECORD,
  RECORD_BYTES,
  RECORDING_VERSION,
  RING_HEADER,
  RING_HEADER_BYTES,
  RING_MAGIC,
  WAIT,
  WAIT_RESULT,
} from '../../wire/recording.ts';

const THREADS = 64;
const LOCKS = 16;
const START = 1_000_000_000;
/** Between two records, ns: 64 threads at this pace are a busy program. */
const STEP_NS = 2_000;
const CHUNK = 65_536;

/** Four records a turn: wait, its end, the acquire, the release. */
export function writeLargeRecording(folder: string, records: number): void {
  mkdirSync(folder, { recursive: true });
  const stream = join(folder, `4711-${START.toString(16)}`);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest(records)));
  writeFileSync(`${stream}.defs`, definitions());
  const file = openSync(`${stream}.ring`, 'w');
  writeSync(file, header(records));
  const chunk = Buffer.alloc(CHUNK * RECORD_BYTES);
  for (let first = 0; first < records; first += CHUNK) {
    const count = Math.min(CHUNK, records - first);
    for (let index = 0; index < count; index++) writeRecord(chunk, index, first + index);
    writeSync(file, chunk, 0, count * RECORD_BYTES);
  }
  closeSync(file);
}

function writeRecord(chunk: Buffer, index: number, position: number): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset + index * RECORD_BYTES, RECORD_BYTES);
  const turn = position >> 2;
  const step = position & 3;
  const kind = [KIND.waitBegin, KIND.waitEnd, KIND.acquire, KIND.release][step] ?? KIND.mark;
  view.setUint8(RECORD.kind, kind);
  view.setUint8(RECORD.lap, 0);
  view.setUint16(
    RECORD.aux,
    step === 0 ? WAIT.acquire : step === 1 ? WAIT_RESULT.done : step === 2 ? 1 : 0,
    true,
  );
  view.setUint32(RECORD.actor, 1 + (turn % THREADS), true);
  view.setBigUint64(RECORD.at, BigInt(START + position * STEP_NS), true);
  view.setUint32(RECORD.a, 1 + (turn % LOCKS), true);
  view.setUint32(RECORD.b, 1, true);
  view.setUint32(RECORD.c, 0, true);
  view.setUint32(RECORD.seq, position + 1, true);
}

function header(records: number): Buffer {
  const bytes = Buffer.alloc(RING_HEADER_BYTES);
  bytes.write(RING_MAGIC, 'latin1');
  bytes.writeUInt32LE(RECORDING_VERSION, RING_HEADER.version);
  bytes.writeUInt32LE(RECORD_BYTES, RING_HEADER.recordBytes);
  bytes.writeBigUInt64LE(4711n, RING_HEADER.pid);
  bytes.writeBigUInt64LE(BigInt(START), RING_HEADER.startedAt);
  bytes.writeBigUInt64LE(BigInt(records), RING_HEADER.capacity);
  bytes.writeBigUInt64LE(BigInt(records), RING_HEADER.head);
  bytes.writeBigUInt64LE(BigInt(START + records * STEP_NS), RING_HEADER.closedAt);
  return bytes;
}

function definitions(): string {
  const lines: object[] = [
    {
      def: 'process',
      pid: 4711,
      ppid: 1,
      runtime: 'python',
      version: '3.12.1',
      executable: 'python3',
      argv: ['bench.py'],
      core: 'native',
      detail: 'full',
      blind: [],
      gil: true,
      cores: 2,
      how: 'main',
      clock: { monotonic: START, wall: 1_700_000_000_000_000_000 },
    },
    { def: 'site', id: 1, file: '/bench/bench.py', line: 10, function: 'work' },
    { def: 'stack', id: 1, sites: [1] },
  ];
  for (let id = 1; id <= THREADS; id++) {
    lines.push({ def: 'thread', id, name: `worker_${id}`, daemon: false, main: id === 1 });
  }
  for (let id = 1; id <= LOCKS; id++) {
    lines.push({ def: 'object', id, type: 'Lock', library: 'threading', stack: 1 });
  }
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

function manifest(records: number): Manifest {
  return {
    format: 'interleave',
    version: RECORDING_VERSION,
    command: ['python3', 'bench.py'],
    cwd: '/bench',
    startedAt: { monotonic: START, wall: 1_700_000_000_000_000_000 },
    budgetBytes: 1 << 30,
    exit: { code: 0, signal: null, reason: 'exited' },
    durationNs: records * STEP_NS,
    host: { platform: 'linux', arch: 'x64', cores: 2 },
  };
}
