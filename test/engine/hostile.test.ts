/** Any bytes at all give a trace and a report: no crash, no hang, and a count of what was refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportTrace } from '../../engine/export/exportTrace.ts';
import { LiveFindings } from '../../engine/liveFindings.ts';
import { buildReport } from '../../engine/report.ts';
import { liveStatus } from '../../engine/status.ts';
import { Trace } from '../../engine/trace.ts';
import { EXPORT_FORMATS, type ExportName } from '../../wire/exportFormats.ts';
import { KIND, type Manifest, RECORD_BYTES } from '../../wire/recording.ts';
import { TraceWriter } from './traceWriter.ts';

const manifest: Manifest = {
  format: 'interleave',
  version: 1,
  command: ['x'],
  cwd: '/',
  startedAt: { monotonic: 0, wall: 0 },
  budgetBytes: 1,
  host: { platform: 'linux', arch: 'x64', cores: 2 },
};

function askEverything(trace: Trace): void {
  const live = new LiveFindings(trace);
  live.update();
  live.update(trace.endNs + 2e9);
  liveStatus(trace);
  JSON.stringify(buildReport(trace, manifest));
  for (const format of Object.keys(EXPORT_FORMATS) as ExportName[]) {
    const parts = [...exportTrace(trace, format, 'x')].map((part) =>
      Buffer.from(part as Uint8Array),
    );
    if (format !== 'perfetto') JSON.parse(Buffer.concat(parts).toString());
  }
}

test('random bytes as records', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 }), (parts) => {
      const trace = new Trace();
      for (const bytes of parts) trace.add({ type: 'records', stream: '1-1', bytes });
      askEverything(trace);
      const whole = parts.reduce((sum, bytes) => sum + Math.floor(bytes.length / RECORD_BYTES), 0);
      const ragged = parts.filter((bytes) => bytes.length % RECORD_BYTES !== 0).length;
      assert.equal(trace.columns.length + trace.refused, whole + ragged);
    }),
    { numRuns: 300 },
  );
});

const kinds = Object.values(KIND);
const id = fc.oneof(fc.nat(6), fc.integer({ min: 0, max: 0xffff_ffff }));
const anyRecord = fc.record({
  kind: fc.constantFrom(...kinds),
  aux: fc.oneof(fc.nat(20), fc.nat(0xffff)),
  actor: fc.oneof(
    id,
    fc.nat(6).map((task) => 0x8000_0000 + task),
  ),
  a: id,
  b: id,
  c: fc.oneof(
    id,
    fc.nat(6).map((task) => 0x8000_0000 + task),
  ),
  step: fc.oneof(fc.nat(1000), fc.nat(200_000_000)),
});

test('known kinds with any actors, objects and stacks', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 200 }), (records) => {
      const world = new TraceWriter();
      const streams = [world.process(1), world.process(2)];
      for (const stream of streams) {
        for (const name of ['main', 'a', 'b', 'c']) stream.thread(name);
        stream.object('L', 'EventLoop', { library: 'asyncio' });
        stream.object('P', 'ThreadPoolExecutor', { capacity: 2 });
        stream.object('A');
        stream.object('s', 'Semaphore', { shared: 's', library: 'multiprocessing' });
        stream.object('q', 'Queue');
        stream.task('t');
        const stack = stream.stack({ line: 1 }, { line: 2 });
        stream.chain([
          [3, stack],
          [4, stack],
        ]);
        stream.string('boo');
      }
      let at = 0;
      records.forEach(({ kind, actor, aux, a, b, c, step }, index) => {
        at += step;
        streams[index % 2]!.record(at, kind, actor, { aux, a, b, c });
        if (index % 10 === 0) world.flush();
      });
      world.flush();
      askEverything(world.trace);
      assert.equal(world.trace.columns.length, records.length);
    }),
    { numRuns: 300 },
  );
});

test('definitions that are no definitions', () => {
  const line = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({
        def: fc.constantFrom(
          'string',
          'site',
          'stack',
          'thread',
          'task',
          'object',
          'chain',
          'process',
        ),
        id: fc.anything(),
        sites: fc.anything(),
        held: fc.anything(),
        line: fc.anything(),
        type: fc.anything(),
        pool: fc.anything(),
      })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const trace = new Trace();
      trace.add({ type: 'definitions', stream: '1-1', text: `${lines.join('\n')}\n` });
      askEverything(trace);
    }),
    { numRuns: 300 },
  );
});

test('a record from another age is refused, the rest is not', () => {
  const world = new TraceWriter();
  const stream = world.process();
  const main = stream.thread('main');
  stream.record(1000, KIND.sample, main);
  stream.record(9e18, KIND.sample, main);
  stream.record(2000, KIND.sample, main);
  stream.flush();
  assert.equal(world.trace.refusals.get('time'), 1);
  assert.equal(world.trace.columns.length, 2);
  assert.equal(world.trace.endNs, 2000);
});

test('an id far beyond all others costs no memory to speak of', () => {
  const world = new TraceWriter();
  const stream = world.process();
  stream.define({ def: 'thread', id: 0xffff_ffff, name: 'far', daemon: false, main: false });
  const before = process.memoryUsage().arrayBuffers;
  stream.record(0, KIND.sample, 0x7fff_ffff);
  stream.record(0, KIND.taskResume, 0xffff_fff0);
  stream.flush();
  assert.ok(process.memoryUsage().arrayBuffers - before < 10e6);
});
