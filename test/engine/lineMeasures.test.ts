/** The texts of the lenses: short, one for all objects that a line made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../engine/analyze.ts';
import { measureLines } from '../../engine/lineMeasures.ts';
import { buildReport } from '../../engine/report.ts';
import type { Location } from '../../wire/report.ts';
import { draw } from './traceText.ts';
import { MANIFEST } from './traceWriter.ts';

const manifest = { ...MANIFEST, durationNs: 1e9 };

function at(line: number): Location {
  return { file: '/app/bank.py', line, function: '__init__', label: 'created here' };
}

test('locks of one line are told of together, those of another line apart', () => {
  const report = buildReport(
    draw(
      `main start:w A+ . . A- end
       w    . . A? . A! A-`,
    ),
    manifest,
  );
  const [lock] = report.locks;
  assert.ok(lock !== undefined && lock.waitNs === 100e6 && lock.contended === 1);
  const texts = measureLines({
    ...report,
    locks: [
      { ...lock, created: at(22) },
      { ...lock, created: at(22) },
      { ...lock, created: at(30) },
      { ...lock, created: at(31), contended: 0 },
    ],
  })
    .filter(({ kind }) => kind === 'lock')
    .map(({ line, text }) => [line, text]);
  assert.deepEqual(texts, [
    [22, '2 locks: waited for 200 ms, 2 contended'],
    [30, 'waited for 100 ms, 1 contended'],
  ]);
});

test('a blocked loop is told in few words', () => {
  const trace = draw('main A+ . A-');
  const report = buildReport(trace, manifest);
  const finding = {
    id: 'loop-blocked:1',
    rule: 'loop-blocked' as const,
    severity: 'warning' as const,
    title: 'Event loop blocked 3 times, up to 250 ms, at bank.py:7',
    detail: '',
    locations: [at(7)],
    evidence: {},
    spans: [1, 2, 3].map((from) => ({ from, to: from + 1 })),
    lostNs: 420e6,
  };
  assert.deepEqual(analyze(trace, { ended: true }), [], 'the drawing itself has no fault');
  assert.deepEqual(measureLines({ ...report, findings: [finding] }), [
    {
      file: '/app/bank.py',
      line: 7,
      kind: 'loop',
      text: 'blocked the loop 3×, 420 ms',
      severity: 'warning',
      finding: 'loop-blocked:1',
    },
  ]);
});
