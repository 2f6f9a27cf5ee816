/** Reads a stream's definitions, line by line; what is malformed is refused and counted, never guessed. */
import { printable } from '../../base/format.ts';
import type { ObjectDefinition, Partly, ProcessDefinition } from '../../wire/recording.ts';
import type { Trace } from '../trace.ts';
import type { Stream } from './stream.ts';
import type { HeldLock } from './tables.ts';

const MAX_STACK = 64;
const MAX_CHAIN = 64;
const MAX_TEXT = 4096;
const OBJECT_TYPES = new Set(
  (
    'Lock RLock Condition Semaphore BoundedSemaphore Event Barrier Queue LifoQueue PriorityQueue SimpleQueue ' +
    'JoinableQueue Future Connection EventLoop ThreadPoolExecutor ProcessPoolExecutor Pool ThreadPool Limiter Other'
  ).split(' '),
);

type Json = Readonly<Record<string, unknown>>;

/** @param text whole lines of one stream. */
export function addDefinitions(trace: Trace, stream: Stream, text: string): void {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      trace.refuse('definition');
      continue;
    }
    if (!isRecord(value) || !define(trace, stream, value)) trace.refuse('definition');
  }
}

/** False when the line is not what FORMAT.md says; unknown definitions are skipped and fine. */
function define(trace: Trace, stream: Stream, line: Json): boolean {
  if (line.def === 'process') return defineProcess(trace, stream, line);
  const id = line.id;
  if (!isId(id)) return false;
  switch (line.def) {
    case 'string': {
      stream.stringIds.set(id, trace.strings.add(text(line.text)));
      return true;
    }
    case 'site': {
      const lineNumber = line.line;
      if (typeof lineNumber !== 'number' || !(lineNumber >= 0 && lineNumber < 2 ** 31))
        return false;
      const file = text(line.file);
      const site = { file, line: Math.floor(lineNumber), function: text(line.function) };
      stream.siteIds.set(id, trace.sites.add(site));
      return true;
    }
    case 'stack': {
      const sites = line.sites;
      if (!Array.isArray(sites)) return false;
      const known = sites
        .slice(0, MAX_STACK)
        .map((site) => (isId(site) ? stream.siteIds.get(site) : 0))
        .filter((site) => site !== 0);
      stream.stackIds.set(id, known.length === 0 ? 0 : trace.stacks.add(known));
      return true;
    }
    case 'thread': {
      const thread = trace.threadOf(stream, id);
      if (thread === undefined) return false;
      thread.name = nameText(line.name);
      thread.daemon = line.daemon === true;
      if (line.main === true) {
        thread.main = true;
        stream.mainThread = thread;
      }
      if (isId(line.pool)) thread.pool = trace.objectOf(stream, line.pool);
      if (typeof line.target === 'string') thread.target = trace.strings.add(text(line.target));
      return true;
    }
    case 'task': {
      const task = trace.taskOf(stream, id, stream.lastNs);
      if (task === undefined) return false;
      task.name = nameText(line.name);
      if (isId(line.loop)) task.loop = trace.objectOf(stream, line.loop);
      return true;
    }
    case 'object':
      return defineObject(trace, stream, id, line);
    case 'chain': {
      const held = line.held;
      if (!Array.isArray(held)) return false;
      stream.chainIds.set(id, trace.chains.add(chainOf(stream, held)));
      return true;
    }
    default:
      return typeof line.def === 'string';
  }
}

function chainOf(stream: Stream, held: readonly unknown[]): HeldLock[] {
  const chain: HeldLock[] = [];
  for (const pair of held.slice(0, MAX_CHAIN)) {
    if (!Array.isArray(pair) || !isId(pair[0])) continue;
    const object = stream.objectIds.get(pair[0]);
    if (object === 0) continue;
    chain.push({ object, stack: isId(pair[1]) ? stream.stackIds.get(pair[1]) : 0 });
  }
  return chain;
}

function defineObject(trace: Trace, stream: Stream, id: number, line: Json): boolean {
  const type = line.type;
  if (typeof type !== 'string' || !OBJECT_TYPES.has(type)) return false;
  const object = trace.defineObject(stream, id, text(line.shared));
  if (object === undefined) return false;
  const capacity = line.capacity;
  const definition: ObjectDefinition = {
    def: 'object',
    id,
    type: type as ObjectDefinition['type'],
    library: text(line.library),
    stack: 0,
    address: text(line.address),
    shared: text(line.shared),
    peer: text(line.peer),
    ...(typeof capacity === 'number' && Number.isFinite(capacity) ? { capacity } : {}),
    name: nameText(line.name),
    internal: line.internal === true,
    ...(isId(line.nth) ? { nth: line.nth } : {}),
    ...(isId(line.among) ? { among: line.among } : {}),
  };
  const stack = isId(line.stack) ? stream.stackIds.get(line.stack) : 0;
  const partOf = isId(line.partOf) ? trace.objectOf(stream, line.partOf) : undefined;
  object.define(definition, stack, partOf);
  return true;
}

function defineProcess(trace: Trace, stream: Stream, line: Json): boolean {
  const clock = line.clock;
  if (!isRecord(clock)) return false;
  const process: ProcessDefinition = {
    def: 'process',
    pid: numberOr(line.pid, stream.pid),
    ppid: numberOr(line.ppid, 0),
    runtime: line.runtime === 'node' ? 'node' : 'python',
    version: text(line.version),
    executable: text(line.executable),
    argv: Array.isArray(line.argv) ? line.argv.slice(0, 64).map(text) : [],
    core: line.core === 'native' || line.core === 'node' ? line.core : 'python',
    detail: line.detail === 'full' ? 'full' : 'default',
    blind: Array.isArray(line.blind) ? line.blind.slice(0, 64).map(text) : [],
    gil: line.gil !== false,
    cores: numberOr(line.cores, 1),
    signals: line.signals === true,
    service: line.service === true,
    clock: { monotonic: numberOr(clock.monotonic, 0), wall: numberOr(clock.wall, 0) },
    ...(typeof line.parent === 'string' ? { parent: text(line.parent) } : {}),
    ...(isHow(line.how) ? { how: line.how } : {}),
    ...(typeof line.name === 'string' && line.name !== '' ? { name: nameText(line.name) } : {}),
    ...(Array.isArray(line.partly) ? { partly: line.partly.filter(isPartly) } : {}),
    ...(typeof line.switchInterval === 'number' ? { switchInterval: line.switchInterval } : {}),
  };
  stream.process = process;
  stream.pid = process.pid;
  trace.anchorBy(process.clock);
  return true;
}

function isPartly(value: unknown): value is Partly {
  return value === 'items' || value === 'tasks' || value === 'messages';
}

const HOWS = ['fork', 'spawn', 'forkserver', 'subprocess', 'main', 'exec'] as const;

function isHow(value: unknown): value is (typeof HOWS)[number] {
  return HOWS.some((how) => how === value);
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 32;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** Names stand inside sentences and labels: they are one line, and turn nothing round that follows them. */
function nameText(value: unknown): string {
  return printable(text(value));
}

function text(value: unknown): string {
  return typeof value === 'string' ? readable(value.slice(0, MAX_TEXT)) : '';
}

/** Bytes that were no text to the program's locale, in a file's name for instance, as the text that they are in UTF-8. */
function readable(value: string): string {
  return value.replace(/(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]+/g, (bytes) => {
    const quoted = [...bytes].map((one) => `%${(one.charCodeAt(0) - 0xdc00).toString(16)}`);
    try {
      return decodeURIComponent(quoted.join(''));
    } catch {
      return bytes;
    }
  });
}
