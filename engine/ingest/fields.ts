/** What actor-independent words `a`, `b`, `c` of each kind of record mean, so that ingest can make their ids trace-wide. */
import { KIND, type Kind } from '../../wire/recording.ts';

export const FIELD = {
  number: 0,
  object: 1,
  stack: 2,
  string: 3,
  actor: 4,
  chain: 5,
  task: 6,
  /** An actor, a process id or a pool or loop object, as OWNER in `aux` says. */
  owner: 7,
} as const;

const LETTERS: Readonly<Record<string, number>> = {
  n: FIELD.number,
  o: FIELD.object,
  s: FIELD.stack,
  t: FIELD.string,
  A: FIELD.actor,
  c: FIELD.chain,
  T: FIELD.task,
  P: FIELD.owner,
};

/** Three letters a kind: a, b, c. */
const SHAPES: Readonly<Record<keyof typeof KIND, string>> = {
  threadStart: 'Asn',
  threadEnd: 'nnn',
  processFork: 'nsn',
  processStart: 'nsn',
  processEnd: 'nnn',
  exit: 'nnn',
  failed: 'tsn',
  waitBegin: 'osn',
  waitOwner: 'osP',
  ownerNow: 'osP',
  waitEnd: 'osA',
  acquire: 'osn',
  release: 'osn',
  hold: 'osn',
  nest: 'osc',
  counts: 'onn',
  totals: 'onn',
  loopLag: 'onn',
  loopStep: 'osn',
  loopStack: 'osn',
  loopBusy: 'onn',
  loopStart: 'osn',
  loopStop: 'onn',
  loopIdle: 'onn',
  taskCreate: 'Tst',
  taskResume: 'onn',
  taskSuspend: 'osn',
  taskEnd: 'ots',
  taskExceptionLost: 'tss',
  taskPending: 'oss',
  coroutineNeverAwaited: 'tsn',
  taskName: 'tnn',
  submit: 'osn',
  itemStart: 'otn',
  itemEnd: 'otn',
  poolSample: 'onn',
  itemExceptionLost: 'otn',
  queueDepth: 'onn',
  queueCounts: 'onn',
  permits: 'onn',
  message: 'onn',
  gil: 'nnn',
  gilWait: 'nnn',
  coreWait: 'nnn',
  sample: 'snn',
  unsafeCall: 'ost',
  daemonKilled: 'osn',
  race: 'osA',
  overhead: 'nnn',
  dropped: 'nnn',
  mark: 'ttn',
};

/** 1 for kinds this engine knows. */
export const KNOWN = new Uint8Array(256);
export const FIELD_A = new Uint8Array(256);
export const FIELD_B = new Uint8Array(256);
export const FIELD_C = new Uint8Array(256);

for (const [name, kind] of Object.entries(KIND) as [keyof typeof KIND, Kind][]) {
  const [a = 'n', b = 'n', c = 'n'] = SHAPES[name];
  KNOWN[kind] = 1;
  FIELD_A[kind] = LETTERS[a] ?? 0;
  FIELD_B[kind] = LETTERS[b] ?? 0;
  FIELD_C[kind] = LETTERS[c] ?? 0;
}
