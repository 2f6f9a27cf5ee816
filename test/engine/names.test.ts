/** Names of locks, as read from the line that makes or takes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameActor, nameObject } from '../../engine/names.ts';
import { TraceWriter } from './traceWriter.ts';

interface Made {
  /** Line from 1 where it was made, 0 when that was not seen. */
  readonly line: number;
  readonly function?: string;
  /** Line where it is first taken. */
  readonly use?: number;
  /** What the probe has counted. */
  readonly nth?: number;
  readonly among?: number;
  readonly type?: string;
  readonly internal?: boolean;
  /** An installed package's line that made it for the line of the program. */
  readonly inside?: number;
}

/** Names of the objects made at these lines of the source, told of in this order. */
function names(source: string, ...made: readonly Made[]): string[] {
  return namesIn(source, [made]);
}

/** The same for several processes. */
function namesIn(source: string, processes: readonly (readonly Made[])[]): string[] {
  const lines = source.split('\n');
  const sourceLine = (file: string, line: number) =>
    file === '/app/demo.py' ? lines[line - 1] : undefined;
  const world = new TraceWriter({ sourceLine });
  for (const made of processes) {
    const stream = world.process();
    made.forEach((one, index) => {
      const { line, use, function: name, inside, type = 'Lock', ...more } = one;
      const own = { line, function: name ?? '<module>' };
      const library = { file: '/venv/site-packages/client.py', line: inside ?? 0 };
      const stack = line === 0 ? 0 : stream.stack(...(inside === undefined ? [] : [library]), own);
      stream.object(`o${index}`, type, { name: '', stack, ...more });
      if (use !== undefined) {
        const b = stream.stack({ line: use, function: name ?? 'run' });
        stream.record(0, 10, stream.thread('main'), { a: index + 1, b, aux: 1 });
      }
    });
  }
  world.flush();
  const { trace } = world;
  return trace.objects.slice(1).map((object) => nameObject(trace, object!, sourceLine));
}

test('names are one line, and turn nothing round that follows them', () => {
  const world = new TraceWriter();
  const stream = world.process();
  stream.thread('one\ntwo\u001b[31m\u202egnirts');
  stream.object('a\tb', 'Lock');
  world.flush();
  const { actors, objects } = world.trace;
  assert.deepEqual(actors.map((actor) => actor?.name).filter(Boolean), ['one two [31m gnirts']);
  assert.equal(
    nameObject(world.trace, objects.at(-1)!, () => undefined),
    'a b',
  );
});

test('a module variable', () =>
  assert.deepEqual(names('lock_a = threading.Lock()', { line: 1 }), ['lock_a']));

test('what stands on the line of a try is named by its own words', () => {
  assert.deepEqual(names('try: lock_a = Lock()', { line: 1 }), ['lock_a']);
  assert.deepEqual(names('try: code.interact(local={})', { line: 1 }), ['Lock at demo.py:1']);
});

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

const ACCOUNT = 'self.lock = Lock()';
const IN_ACCOUNT = { line: 1, function: 'Account.__init__' };

test('twins have numbers in order of creation, whichever was told of first', () =>
  assert.deepEqual(
    names(
      ACCOUNT,
      { ...IN_ACCOUNT, nth: 3, among: 3 },
      { ...IN_ACCOUNT, nth: 1, among: 3 },
      { ...IN_ACCOUNT, nth: 2, among: 3 },
    ),
    ['Account.lock #3', 'Account.lock #1', 'Account.lock #2'],
  ));

test('the first has its number as soon as there are others, told of or not', () => {
  assert.deepEqual(names(ACCOUNT, { ...IN_ACCOUNT, nth: 1, among: 1 }), ['Account.lock']);
  assert.deepEqual(names(ACCOUNT, { ...IN_ACCOUNT, nth: 1, among: 2 }), ['Account.lock #1']);
});

test('where nobody counted twins are numbered as they were told of, not as they are named', () => {
  const world = new TraceWriter({ sourceLine: () => ACCOUNT });
  const stream = world.process();
  const stack = stream.stack(IN_ACCOUNT);
  for (const key of ['a', 'b']) stream.object(key, 'Lock', { name: '', stack });
  world.flush();
  const { trace } = world;
  const named = [2, 1].map((index) => nameObject(trace, trace.object(index)!, trace.sourceLine));
  assert.deepEqual(named, ['Account.lock #2', 'Account.lock #1']);
});

test('a condition and the lock in it are one thing', () =>
  assert.deepEqual(
    names(
      'ready = Condition()',
      { line: 1, nth: 1, among: 1, type: 'RLock' },
      { line: 1, nth: 1, among: 1, type: 'Condition' },
    ),
    ['ready', 'ready'],
  ));

test('a queue and the mutex in it, too', () =>
  assert.deepEqual(
    names('jobs = Queue()', { line: 1, type: 'Queue' }, { line: 1, internal: true }),
    ['jobs', 'jobs'],
  ));

test('of one name but from two lines: the line tells them apart', () =>
  assert.deepEqual(
    names(
      'lock = Lock()\nlock = Lock()',
      { line: 1, function: 'one', nth: 1, among: 1 },
      { line: 2, function: 'two', nth: 1, among: 2 },
      { line: 2, function: 'two', nth: 2, among: 2 },
    ),
    ['lock at demo.py:1', 'lock at demo.py:2 #1', 'lock at demo.py:2 #2'],
  ));

test('of one name in two processes: each has its own numbers', () => {
  const two = [
    { ...IN_ACCOUNT, nth: 1, among: 2 },
    { ...IN_ACCOUNT, nth: 2, among: 2 },
  ];
  const all = namesIn(ACCOUNT, [two, [{ ...IN_ACCOUNT, nth: 1, among: 1 }]]);
  assert.deepEqual(
    all.map((name) => name.replace(/\d+$/, 'N')),
    ['Account.lock #1 of process N', 'Account.lock #2 of process N', 'Account.lock of process N'],
  );
});

test('what processes share has one name in all of them, whoever speaks of it first', () => {
  const shelf = (nth: number, shared: string) => ({ ...IN_ACCOUNT, nth, among: 2, shared });
  const all = namesIn(ACCOUNT, [[shelf(1, 'sem:1:a')], [shelf(2, 'sem:1:b'), shelf(1, 'sem:1:a')]]);
  assert.deepEqual(all, ['Account.lock #1', 'Account.lock #2']);
  const parts = ['Condition', 'RLock'].map((type) => ({
    ...shelf(1, `${type}:1:c`),
    among: 1,
    type,
  }));
  assert.deepEqual(
    namesIn(ACCOUNT, [parts]),
    ['Account.lock', 'Account.lock'],
    'a thing and its part',
  );
  const counted = namesIn(ACCOUNT, [[shelf(1, 'sem:1:a')], [shelf(1, 'sem:2:a')]]);
  assert.deepEqual(counted, ['Account.lock #1', 'Account.lock #2'], 'each has counted by itself');
});

test('a process that the program has named goes by that name', () => {
  const world = new TraceWriter();
  const named = ['picker', 'ForkProcess-1', 'SyncManager-2'].map((name, index) => {
    const stream = world.process(100 + index, { name });
    stream.thread('MainThread', { main: true });
    return stream;
  });
  world.flush();
  assert.equal(named.length, 3);
  const mains = world.trace.streams.map(({ mainThread }) => nameActor(world.trace, mainThread!));
  assert.deepEqual(mains, [
    'picker (process 100)',
    'MainThread of process 101',
    'MainThread of process 102',
  ]);
});

test('numbers of a line in a package are none of the line that called it', () =>
  assert.deepEqual(
    names(
      'client_a = Client()\nclient_b = Client()',
      { line: 1, inside: 7, nth: 1, among: 2 },
      { line: 2, inside: 7, nth: 2, among: 2 },
    ),
    ['client_a', 'client_b'],
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

test('several made on one line under names of their own', () => {
  const two = (line: string, type = 'Queue') =>
    names(line, { line: 1, nth: 1, among: 2, type }, { line: 1, nth: 2, among: 2, type });
  assert.deepEqual(two('raw = Queue(); clean = Queue()'), ['raw', 'clean']);
  assert.deepEqual(two('raw, clean = queue.Queue(5), queue.Queue(maxsize=len("a,b"))'), [
    'raw',
    'clean',
  ]);
  assert.deepEqual(two('n, raw, clean = 3, Queue(), Queue()'), ['raw', 'clean']);
});

test('one that others share the line with', () => {
  assert.deepEqual(names('seen = set(); lock = Lock()', { line: 1 }), ['lock']);
  assert.deepEqual(
    names('self.n = 0; self.lock = threading.Lock()', { line: 1, function: 'A.__init__' }),
    ['A.lock'],
  );
  assert.deepEqual(names('locks = [Lock() for _ in "ab"]; n = 1', { line: 1 }), ['locks[…]']);
});

test('the same in a function that is called again', () =>
  assert.deepEqual(
    names(
      'raw, clean = Lock(), Lock()',
      ...[1, 2, 3, 4].map((nth) => ({ line: 1, nth, among: 4 })),
    ),
    ['raw #1', 'clean #1', 'raw #2', 'clean #2'],
  ));

test('what a with statement makes goes by its name there', () => {
  const type = 'ThreadPoolExecutor';
  const made = { line: 1, type };
  assert.deepEqual(names('with ThreadPoolExecutor(4) as ex:', made), ['ex']);
  assert.deepEqual(names('with open(f(1, 2)) as f, futures.ThreadPoolExecutor(4) as ex:', made), [
    'ex',
  ]);
  assert.deepEqual(names('    ThreadPoolExecutor(4) as ex,', made), ['ex']);
  assert.deepEqual(
    names(
      'with ThreadPoolExecutor(2) as one, ThreadPoolExecutor(2) as other:',
      { ...made, nth: 1, among: 2 },
      { ...made, nth: 2, among: 2 },
    ),
    ['one', 'other'],
  );
  assert.deepEqual(names('with ThreadPoolExecutor(4):', made), ['ThreadPoolExecutor at demo.py:1']);
});

test('one that its own class takes is called like its class', () => {
  const source = 'class Inbox(Queue):\n    def take(self):\n        return self.get()';
  assert.deepEqual(names(source, { line: 0, use: 3, function: 'Inbox.take', type: 'Queue' }), [
    'Inbox',
  ]);
});
