/** Names of locks, as read from the line that makes or takes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameObject } from '../../engine/names.ts';
import { TraceWriter } from './traceWriter.ts';

interface Made {
  /** Line from 1 where it was made, 0 when that was not seen. */
  readonly line: number;
  readonly function?: string;
  /** Line where it is first taken. */
  readonly use?: number;
}

/** Names of the objects made at these lines of the source. */
function names(source: string, ...made: readonly Made[]): string[] {
  const lines = source.split('\n');
  const sourceLine = (file: string, line: number) =>
    file === '/app/demo.py' ? lines[line - 1] : undefined;
  const world = new TraceWriter({ sourceLine });
  const stream = world.process();
  made.forEach((one, index) => {
    const stack =
      one.line === 0 ? 0 : stream.stack({ line: one.line, function: one.function ?? '<module>' });
    stream.object(`o${index}`, 'Lock', { name: '', stack });
    if (one.use !== undefined) {
      const b = stream.stack({ line: one.use, function: one.function ?? 'run' });
      stream.record(0, 10, stream.thread('main'), { a: index + 1, b, aux: 1 });
    }
  });
  world.flush();
  const { trace } = world;
  const all = made.map((_, index) => nameObject(trace, trace.object(index + 1)!, sourceLine));
  // Twins are known only once all are named.
  return all.map((_, index) => nameObject(trace, trace.object(index + 1)!, sourceLine));
}

test('a module variable', () =>
  assert.deepEqual(names('lock_a = threading.Lock()', { line: 1 }), ['lock_a']));

test('an attribute, with its class from the qualified name', () =>
  assert.deepEqual(names('self._lock = Lock()', { line: 1, function: 'SafeCounter.__init__' }), [
    'SafeCounter._lock',
  ]));

test('an attribute, with its class from the lines above', () => {
  const source =
    'class Other:\n    pass\n\nclass SafeCounter:\n    def __init__(self):\n        self.n = 0\n        self._lock: Lock = Lock()';
  assert.deepEqual(names(source, { line: 7, function: '__init__' }), ['SafeCounter._lock']);
});

test('a dataclass field, a list and a dict', () => {
  const source =
    'locks = [Lock() for _ in range(5)]\nself.by_name[key] = Lock()\nrow.append(Lock())';
  assert.deepEqual(
    names(source, { line: 1 }, { line: 2, function: 'Table.lock_of' }, { line: 3 }),
    ['locks[…]', 'Table.by_name[…]', 'row[…]'],
  );
});

test('twins get numbers', () =>
  assert.deepEqual(
    names('self.lock = Lock()', ...Array(2).fill({ line: 1, function: 'A.__init__' })),
    ['A.lock #1', 'A.lock #2'],
  ));

test('a call over several lines', () =>
  assert.deepEqual(names('slots = BoundedSemaphore(\n    LIMIT,\n)', { line: 2 }), ['slots']));

test('nothing to read a name from', () =>
  assert.deepEqual(names('run(Lock())', { line: 1 }), ['Lock at demo.py:1']));

test('made before the recording: the line that takes it names it', () =>
  assert.deepEqual(
    names(
      'with self.lock:\nif not audit_lock.acquire():\nitem = self.jobs.get()',
      { line: 0, use: 1, function: 'Store.put' },
      { line: 0, use: 2 },
      { line: 0, use: 3, function: 'Store.run' },
    ),
    ['Store.lock', 'audit_lock', 'Store.jobs'],
  ));
