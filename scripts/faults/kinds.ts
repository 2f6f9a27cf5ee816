/** The harm that is done to a profiled program, and how the program must end then. */

export interface Fault {
  readonly name: string;
  /** What the victim does: the first word it is given. */
  readonly victim: string;
  /** Sent at a random moment. */
  readonly signal?: NodeJS.Signals;
  /** Not before the program has said something: a Ctrl-C while the interpreter starts ends it in its own way. */
  readonly whenReady?: boolean;
  /** It gets no time for longer than may be lost, and the signal as soon as it goes on. */
  readonly frozen?: boolean;
  /** Stopped for a while and continued. */
  readonly pauses?: boolean;
  readonly code: number | null;
  readonly ended: NodeJS.Signals | null;
  /** Lines after `ready`; not looked at when the program is killed. */
  readonly prints?: readonly string[];
  /** How often among the others; below one, only when asked for by name or among very many. */
  readonly share: number;
  /** Stamps are not comparable: they go on when nothing can be recorded any more. */
  readonly losesRecords?: boolean;
  /** The recording lies on a disk of so many KiB, which is too small for it. Needs the right to mount one. */
  readonly diskKiB?: number;
  /** A monotonic clock of its own, far ahead of ours. Needs the right to have one. */
  readonly ownClock?: boolean;
  readonly asRoot?: boolean;
  /** So much was lost that the report must say so. */
  readonly mustSayLoss?: boolean;
  /** Longest time on a busy machine in seconds, when it is more than 90. */
  readonly patience?: number;
}

export const FAULTS: readonly Fault[] = [
  { name: 'SIGKILL', victim: 'wait', signal: 'SIGKILL', code: null, ended: 'SIGKILL', share: 6 },
  { name: 'SIGSEGV', victim: 'wait', signal: 'SIGSEGV', code: null, ended: 'SIGSEGV', share: 3 },
  { name: 'SIGTERM', victim: 'wait', signal: 'SIGTERM', code: null, ended: 'SIGTERM', share: 2 },
  { name: 'SIGABRT', victim: 'wait', signal: 'SIGABRT', code: null, ended: 'SIGABRT', share: 1 },
  { name: 'os._exit', victim: '_exit', code: 9, ended: null, share: 3 },
  { name: 'os.abort', victim: 'abort', code: null, ended: 'SIGABRT', share: 2 },
  { name: 'a fault of its own', victim: 'fault', code: null, ended: 'SIGSEGV', share: 2 },
  {
    name: 'stop and go',
    victim: 'pause',
    pauses: true,
    code: 0,
    ended: null,
    prints: ['end'],
    share: 2,
  },
  { name: 'forks in threads', victim: 'fork', code: 0, ended: null, prints: ['end'], share: 2 },
  {
    name: 'no memory',
    victim: 'memory',
    code: 0,
    ended: null,
    prints: ['no memory', 'end'],
    share: 2,
    losesRecords: true,
  },
  {
    name: 'no descriptors',
    victim: 'descriptors',
    code: 0,
    ended: null,
    prints: ['OSError 24', 'end'],
    share: 2,
  },
  {
    name: 'no disk',
    victim: 'disk',
    code: 0,
    ended: null,
    prints: ['end'],
    share: 2,
    losesRecords: true,
  },
  {
    name: 'closerange',
    victim: 'closerange',
    code: 0,
    ended: null,
    prints: ['end'],
    share: 1,
    losesRecords: true,
  },
  {
    name: 'SIGKILL among forks',
    victim: 'forks',
    signal: 'SIGKILL',
    code: null,
    ended: 'SIGKILL',
    share: 4,
  },
  {
    name: 'SIGKILL among tasks',
    victim: 'loop',
    signal: 'SIGKILL',
    code: null,
    ended: 'SIGKILL',
    share: 4,
  },
  {
    name: 'SIGKILL among threads',
    victim: 'churn',
    signal: 'SIGKILL',
    code: null,
    ended: 'SIGKILL',
    share: 4,
  },
  {
    name: 'SIGKILL right after a stop',
    victim: 'loop',
    signal: 'SIGKILL',
    frozen: true,
    code: null,
    ended: 'SIGKILL',
    share: 2,
  },
  {
    name: 'killed children',
    victim: 'killed',
    code: 0,
    ended: null,
    prints: ['end'],
    share: 2,
  },
  { name: 'no time', victim: 'time', code: null, ended: 'SIGXCPU', share: 1 },
  { name: 'exec', victim: 'exec', code: 0, ended: null, prints: ['ready', 'end'], share: 2 },
  {
    name: 'full disk',
    victim: 'full',
    diskKiB: 400,
    code: 0,
    ended: null,
    prints: ['end'],
    share: 3,
    losesRecords: true,
    mustSayLoss: true,
  },
  {
    name: 'disk full from the start',
    victim: 'short',
    diskKiB: 64,
    code: 0,
    ended: null,
    prints: ['end'],
    share: 1,
    losesRecords: true,
  },
  {
    name: 'SIGKILL on a full disk',
    victim: 'churn',
    signal: 'SIGKILL',
    diskKiB: 400,
    code: null,
    ended: 'SIGKILL',
    share: 2,
    losesRecords: true,
  },
  {
    name: 'forks in the midst of everything',
    victim: 'midst',
    code: 0,
    ended: null,
    prints: ['end'],
    share: 3,
  },
  {
    name: 'SIGKILL in the midst of everything',
    victim: 'everything',
    signal: 'SIGKILL',
    code: null,
    ended: 'SIGKILL',
    share: 4,
  },
  {
    name: 'stop and go in the midst of everything',
    victim: 'midst',
    pauses: true,
    code: 0,
    ended: null,
    prints: ['end'],
    share: 1,
  },
  {
    name: 'killed workers',
    victim: 'workers',
    code: 0,
    ended: null,
    prints: ['broken', 'end'],
    share: 2,
  },
  {
    name: "a signal handler's exceptions",
    victim: 'interrupts',
    code: 0,
    ended: null,
    prints: ['interrupted', 'end'],
    share: 2,
  },
  {
    name: 'Ctrl-C',
    victim: 'wait',
    signal: 'SIGINT',
    whenReady: true,
    code: null,
    ended: 'SIGINT',
    share: 2,
  },
  {
    name: 'exec in a thread',
    victim: 'threadexec',
    code: 0,
    ended: null,
    prints: ['ready', 'end'],
    share: 1,
  },
  {
    name: 'a clock of its own',
    victim: 'short',
    ownClock: true,
    asRoot: true,
    code: 0,
    ended: null,
    prints: ['end'],
    share: 1,
  },
  { name: '2 000 threads', victim: 'threads', code: 0, ended: null, prints: ['end'], share: 1 },
  {
    name: '100 000 tasks',
    victim: 'tasks',
    code: 0,
    ended: null,
    prints: ['100000', 'end'],
    share: 1,
  },
  { name: '40 processes', victim: 'processes', code: 0, ended: null, prints: ['end'], share: 1 },
  {
    name: '10 000 threads at once',
    victim: 'allthreads',
    patience: 300,
    code: 0,
    ended: null,
    prints: ['10000', 'end'],
    share: 0.2,
  },
  {
    name: '10 000 threads over time',
    victim: 'manythreads',
    code: 0,
    ended: null,
    prints: ['10000', 'end'],
    share: 0.2,
  },
  {
    name: '1 000 processes over time',
    victim: 'manyforks',
    code: 0,
    ended: null,
    prints: ['1000', 'end'],
    share: 0.2,
  },
];
