/** What the panel's lanes show of drawn recordings: states by time, holds with their waiters, who woke whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTOR_COLORS } from '../../engine/views/laneBook.ts';
import { KIND, OWNER, SAMPLE, WAIT, WAIT_RESULT } from '../../wire/recording.ts';
import { contention, MS, watch } from './panelWatcher.ts';
import { MANIFEST, TraceWriter } from './traceWriter.ts';

test('a wait for a lock stands on the waiter, the hold on the lock with its waiters', () => {
  const { writer } = contention();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(120 * MS);
  assert.deepEqual(panel.drawn('worker'), [
    '10-30 running',
    '30-80 lock wait books',
    '80-100 running',
  ]);
  assert.deepEqual(panel.drawn('books'), [
    '20-30 held main',
    '30-80 heldContended main',
    '80-90 held worker',
  ]);
  assert.equal(panel.slices('books')[1]!.mark >> 4, 1, 'one waiter');
  assert.equal(panel.slices('books')[0]!.mark >> 4, 0);
});

test('a circle that no record came after is drawn as one all the same, live and when it is over', () => {
  for (const over of [false, true]) {
    const writer = new TraceWriter();
    const process = writer.process();
    const actors = [process.thread('one'), process.thread('two')] as const;
    const locks = [process.object('left'), process.object('right')] as const;
    for (const actor of actors) process.record(0, KIND.threadStart, actor);
    for (const [index, actor] of actors.entries()) {
      const wanted = { a: locks[1 - index]!, b: process.stack({ line: index + 3 }) };
      process.record(10 * MS, KIND.waitBegin, actor, { ...wanted, aux: WAIT.acquire });
      const holder = actors[1 - index]!;
      process.record(10 * MS, KIND.waitOwner, actor, { ...wanted, c: holder, aux: OWNER.holder });
    }
    writer.flush();
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    for (const at of [100, 400, 700, 1000]) panel.session.tick(at * MS);
    if (over) {
      writer.trace.add({ type: 'manifest', manifest: { ...MANIFEST, durationNs: 1000 * MS } });
      panel.session.finish({ state: 'finished' });
    }
    assert.equal(panel.lane('one').badge?.text, 'deadlocked');
    assert.deepEqual(panel.drawn('one'), ['0-10 running', '10-1000 deadlocked wait right']);
  }
});

test('a selected wait says who held the lock, since which line, and who ended the wait', () => {
  const { writer } = contention();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(120 * MS);
  const selection = panel.select('worker', 50);
  const fact = (label: string) => selection.facts.find((one) => one.label === label);
  assert.equal(fact('Wants')?.value, 'books');
  assert.equal(fact('Held by')?.value, 'main');
  assert.equal(fact('Held by')?.location?.line, 8);
  assert.equal(fact('Ended by')?.value, 'main');
  assert.equal(selection.stack[0]?.line, 12);
  assert.deepEqual(
    selection.arrows.map(({ kind, toLane }) => [kind, toLane]),
    [
      ['blockedBy', panel.lane('main').id],
      ['wokenBy', panel.lane('worker').id],
    ],
  );
  assert.match(selection.sentence, /^Thread worker, waiting for lock books, 50 ms, held by main$/);
});

test('the tables count what is inside the window and nothing else', () => {
  const { writer } = contention();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(120 * MS);
  const wait = (from: number, to: number) =>
    panel.table('locks', from, to).rows.find((row) => row.cells[0] === 'books')?.cells[4];
  assert.equal(wait(0, 120), 50 * MS);
  assert.equal(wait(40, 60), 20 * MS);
  assert.equal(wait(95, 120), undefined);
});

test('an open wait grows with the clock, also when no record comes', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const lock = process.object('books');
  process.record(0, KIND.threadStart, main);
  process.record(5 * MS, KIND.waitBegin, main, { a: lock, aux: WAIT.acquire });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(20 * MS);
  assert.deepEqual(panel.drawn('main'), ['0-5 running', '5-20 lock wait books']);
  panel.session.tick(50 * MS);
  assert.deepEqual(panel.drawn('main'), ['0-5 running', '5-50 lock wait books']);
});

test('a thread that has hardly used the CPU has not run since its last wait', () => {
  // Where the CPU time is not known, as on Windows, nothing says otherwise.
  for (const cpuUs of [200, 4_900, 0]) {
    const writer = new TraceWriter();
    const process = writer.process();
    const worker = process.thread('worker');
    const lock = process.object('books');
    process.record(0, KIND.threadStart, worker);
    process.record(10 * MS, KIND.waitBegin, worker, { a: lock, aux: WAIT.acquire });
    process.record(20 * MS, KIND.waitEnd, worker, { a: lock, aux: WAIT_RESULT.done });
    process.record(100 * MS, KIND.sample, worker, {
      a: process.stack({ line: 7 }),
      b: cpuUs,
      c: 90_000,
      aux: SAMPLE.blocked,
    });
    writer.flush();
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    panel.session.tick(120 * MS);
    const states = panel.slices('worker').map(({ start, end, state }) => [start, end, state]);
    assert.deepEqual(states, [
      [0, 10, cpuUs === 200 ? 'io' : 'running'],
      [10, 20, 'lock'],
      [20, 100, cpuUs === 200 ? 'io' : 'running'],
      [100, 120, 'io'],
    ]);
  }
});

test('a step told at its end takes back what samples had guessed', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const loop = process.object('loop', 'EventLoop', { library: 'asyncio' });
  process.record(0, KIND.threadStart, main);
  process.record(1, KIND.loopStart, main, { a: loop });
  for (let at = 10; at <= 300; at += 10)
    process.record(at * MS, KIND.sample, main, {
      a: process.stack({ line: at }),
      b: 0,
      c: 10_000,
      aux: SAMPLE.blocked,
    });
  process.record(310 * MS, KIND.loopStep, main, {
    a: loop,
    b: process.stack({ line: 7, function: 'fetch' }),
    c: 210_000,
  });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(310 * MS);
  const last = panel.slices('main').at(-1)!;
  assert.deepEqual(
    [last.start, last.end, last.state, last.label],
    [100, 310, 'blocksLoop', 'fetch'],
  );
  const spans = panel.slices('main');
  for (let index = 1; index < spans.length; index++)
    assert.ok(spans[index]!.start >= spans[index - 1]!.end);
});

test('what is shown live is what is shown when it is opened later', () => {
  const live = contention();
  const panel = watch(live.writer);
  panel.session.receive({ type: 'ready', version: 1 });
  for (let now = 5; now <= 120; now += 5) panel.session.tick(now * MS);
  panel.session.finish({ state: 'finished' });
  const later = watch(contention().writer);
  later.session.receive({ type: 'ready', version: 1 });
  later.session.finish({ state: 'finished' });
  for (const name of ['main', 'worker', 'books'])
    assert.deepEqual(panel.drawn(name), later.drawn(name), name);
  assert.deepEqual(
    panel.lanes().map(({ id }) => id),
    later.lanes().map(({ id }) => id),
    'lanes keep their numbers',
  );
});

test('a wait that was drawn before its lock had a twin has the number, too', () => {
  const writer = new TraceWriter({ sourceLine: () => 'self.lock = Lock()' });
  const process = writer.process();
  const main = process.thread('main');
  const stack = process.stack({ line: 1, function: 'Account.__init__' });
  const waits = (name: string, nth: number, at: number) => {
    const a = process.object(name, 'Lock', { name: '', stack, nth, among: nth });
    process.record(at * MS, KIND.waitBegin, main, { a, aux: WAIT.acquire });
    process.record((at + 1) * MS, KIND.waitEnd, main, { a, aux: WAIT_RESULT.done });
    writer.flush();
  };
  process.record(0, KIND.threadStart, main);
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  const labels = () => panel.slices('main').flatMap(({ label }) => label || []);
  waits('first', 1, 300);
  panel.session.tick(301 * MS);
  assert.deepEqual(labels(), ['wait Account.lock']);
  waits('second', 2, 600);
  panel.session.tick(601 * MS);
  assert.deepEqual(labels(), ['wait Account.lock #1', 'wait Account.lock #2']);
});

test('above the limit the panel gets tiles that keep each state’s time', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const lock = process.object('books');
  process.record(0, KIND.threadStart, main);
  for (let at = 0; at < 1000; at += 2) {
    process.record(at * MS, KIND.waitBegin, main, { a: lock, aux: WAIT.acquire });
    process.record((at + 0.5) * MS, KIND.waitEnd, main, { a: lock, aux: WAIT_RESULT.done });
  }
  process.record(1000 * MS, KIND.threadEnd, main);
  writer.flush();
  const panel = watch(writer, 100);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(1000 * MS);
  assert.equal(panel.messages.filter((one) => one.type === 'slices').length, 0);
  panel.view(0, 1000, 50, [panel.lane('main').id]);
  const drawn = panel.slices('main');
  assert.ok(drawn.length <= 110, `${drawn.length} slices for 50 pixels`);
  const waited = drawn
    .filter((one) => one.state === 'lock')
    .reduce((sum, one) => sum + one.end - one.start, 0);
  assert.ok(Math.abs(waited - 250) < 1, `${waited} ms of waits`);
  assert.ok(drawn.some((one) => one.merged > 5));
});

test('each who waits for a lock has a lane below it, with whom it waits behind', () => {
  const { writer } = contention();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(50 * MS);
  const waiter = () => panel.lanes().find((one) => one.kind === 'waiter')!;
  assert.equal(waiter().parent, panel.lane('books').id);
  assert.equal(waiter().name, 'worker');
  panel.session.tick(120 * MS);
  assert.deepEqual(panel.drawnIn(waiter().id), ['30-80 lock behind main']);
  const selection = panel.selectIn(waiter().id, 50);
  assert.equal(selection.lane, waiter().id);
  assert.deepEqual(
    selection.arrows.map(({ kind, fromLane, toLane }) => [kind, fromLane, toLane]),
    [
      ['blockedBy', waiter().id, panel.lane('main').id],
      ['wokenBy', panel.lane('main').id, waiter().id],
    ],
  );
  // From the lock it goes on to who holds it.
  assert.deepEqual(
    panel.select('books', 50).arrows.map(({ kind, toLane }) => [kind, toLane]),
    [['holds', panel.lane('main').id]],
  );
});

test('many threads of a process stand below a heading of their own', () => {
  const many = (count: number) => {
    const writer = new TraceWriter();
    const process = writer.process();
    for (let index = 0; index < count; index++)
      process.record(index, KIND.threadStart, process.thread(`thread ${index}`));
    writer.flush();
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    panel.session.tick(20 * MS);
    const kindOf = new Map(panel.lanes().map((one) => [one.id, one.kind]));
    return panel
      .lanes()
      .filter((one) => one.kind === 'thread')
      .map((one) => kindOf.get(one.parent));
  };
  assert.deepEqual(new Set(many(4)), new Set(['process']));
  assert.deepEqual(new Set(many(12)), new Set(['threads']));
});

test('a chart can be read as a table: the points of its lane in the range', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const main = process.thread('main');
  const loop = process.object('loop', 'EventLoop', { library: 'asyncio' });
  process.record(0, KIND.threadStart, main);
  process.record(1, KIND.loopStart, main, { a: loop });
  for (let at = 10; at <= 100; at += 10)
    process.record(at * MS, KIND.loopLag, main, { a: loop, b: at * 10 });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(100 * MS);
  const table = panel.tableOf(panel.lane('Event-loop lag').id, 25, 65);
  assert.deepEqual(
    table.columns.map(({ title, kind }) => [title, kind]),
    [
      ['At', 'time'],
      ['Loop lag', 'duration'],
    ],
  );
  assert.deepEqual(
    table.rows.map(({ cells }) => cells),
    [30, 40, 50, 60].map((at) => [at * MS, at * 10e3]),
  );
});

test('a process is named after the program, also of a function that was run by itself', () => {
  const { writer } = contention();
  const runner = '/ext/probe/python/interleave_probe/run_target.py';
  const argv = [runner, 'coroutine', '/app/blocking_call.py', 'sign_in'];
  const process = writer.process(77, { argv });
  process.record(10 * MS, KIND.sample, process.thread('main'), { aux: SAMPLE.running });
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(120 * MS);
  assert.equal(panel.lane('blocking_call').kind, 'process');
});

test('who waits for the end of a thread says of which one', () => {
  for (const known of [true, false]) {
    const writer = new TraceWriter();
    const process = writer.process();
    const main = process.thread('main');
    const other = process.thread('ledger');
    for (const actor of [main, other]) process.record(0, KIND.threadStart, actor);
    const stack = process.stack({ function: 'main', line: 7 });
    process.record(10 * MS, KIND.waitBegin, main, { b: stack, aux: WAIT.join });
    if (known)
      process.record(10 * MS, KIND.waitOwner, main, { b: stack, c: other, aux: OWNER.joined });
    writer.flush();
    const panel = watch(writer);
    panel.session.receive({ type: 'ready', version: 1 });
    panel.session.tick(50 * MS);
    // The function in which it waits is called main too: that is nobody's name.
    const said = known ? 'join thread ledger' : 'join thread';
    assert.deepEqual(panel.drawn('main'), ['0-10 running', `10-50 waiting ${said}`]);
    const { columns, rows } = panel.table('threads', 0, 50);
    const now = columns.findIndex(({ id }) => id === 'state');
    assert.ok(rows.some(({ cells }) => cells[now] === said));
  }
});

test('workers of one pool differ in colour, whatever tasks were seen between them', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const names = ['ledger_0', 'ledger_1', 'ledger_2', 'ledger_3'];
  const takes = (actor: number, name: string) =>
    process.record(1 * MS, KIND.acquire, actor, { a: process.object(name), b: process.stack() });
  for (const name of names) {
    const thread = process.thread(name);
    process.record(0, KIND.threadStart, thread);
    takes(thread, `lock of ${name}`);
    // As many as there are colours of threads, with the thread itself.
    for (let made = 2; made < ACTOR_COLORS; made++)
      takes(process.task(`${name} ${made}`), `lock of ${name} ${made}`);
  }
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(50 * MS);
  assert.equal(new Set(names.map((name) => panel.lane(name).color)).size, names.length);
});

test('a hold that is told of late, when somebody waits, begins where the lock was taken', () => {
  const writer = new TraceWriter();
  const process = writer.process();
  const owner = process.thread('owner');
  const waiter = process.thread('waiter');
  const lock = process.object('books');
  const taken = { a: lock, b: process.stack({ line: 3 }) };
  const wanted = { a: lock, b: process.stack({ line: 7 }) };
  const said = { ...taken, c: owner, aux: OWNER.holder };
  process.record(100 * MS, KIND.waitBegin, waiter, { ...wanted, aux: WAIT.acquire });
  process.record(100 * MS, KIND.waitOwner, waiter, said);
  writer.flush();
  const panel = watch(writer);
  panel.session.receive({ type: 'ready', version: 1 });
  panel.session.tick(150 * MS);
  assert.deepEqual(panel.drawn('books'), ['100-150 heldContended owner']);
  for (const at of [210, 310]) {
    process.record(20 * MS, KIND.acquire, owner, taken);
    process.record(at * MS, KIND.waitOwner, waiter, said);
  }
  writer.flush();
  panel.session.tick(400 * MS);
  assert.deepEqual(panel.drawn('books'), ['20-100 held owner', '100-400 heldContended owner']);
  assert.equal(
    panel.select('books', 50).facts.find((one) => one.label === 'Held by')?.value,
    'owner',
  );
  const held = () => {
    const { columns, rows } = panel.table('locks', 0, 600);
    const at = (id: string) => columns.findIndex((one) => one.id === id);
    return rows.map(({ cells }) => [cells[at('hold')], cells[at('owner')]]);
  };
  assert.deepEqual(held(), [[290 * MS, 'owner']]);
  // At its end it comes whole; a word that comes later still is of what is over.
  process.record(450 * MS, KIND.hold, owner, { ...taken, c: 430e3 });
  process.record(20 * MS, KIND.acquire, owner, taken);
  writer.flush();
  panel.session.tick(600 * MS);
  assert.deepEqual(held(), [[430 * MS, 'owner']]);
  assert.deepEqual(panel.drawn('books'), ['20-100 held owner', '100-450 heldContended owner']);
});
