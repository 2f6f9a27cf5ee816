/** The report as a page: whole, harmless, and with the same facts as the text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { htmlReport } from '../../cli/htmlReport.ts';
import { timelineOf } from '../../engine/export/timeline.ts';
import { buildReport } from '../../engine/report.ts';
import { contention } from '../engine/panelWatcher.ts';
import { MANIFEST, TraceWriter } from '../engine/traceWriter.ts';
import { interleave, program } from './cli.ts';

const DEADLOCK = `import threading, time
left, right = threading.Lock(), threading.Lock()
def take(first, second):
    with first:
        time.sleep(0.1)
        with second:
            pass
threading.Thread(target=take, args=(left, right), name="<b>one</b>").start()
take(right, left)
`;

test('a deadlock on a page: the cycle, the line, the timeline, and names that cannot become markup', async (t) => {
  const file = program(t, DEADLOCK);
  const page = join(dirname(file), 'report.html');
  await interleave(['run', '-q', '--stop-on-deadlock', '--report', page, file]);
  const html = readFileSync(page, 'utf8');
  assert.match(html, /^<!doctype html>/);
  assert.match(html, /<span>error deadlock<\/span> Deadlock: /);
  assert.match(html, /<mark> {4}6 {10}with second:<\/mark>/);
  assert.match(html, /<rect class="deadlocked"[^>]*><title>&lt;b&gt;one&lt;\/b&gt;: wait /);
  assert.match(html, /held by <b>MainThread<\/b>/);
  assert.doesNotMatch(html, /<b>one|<script/);
  // Nothing is fetched, whoever opens it.
  assert.doesNotMatch(html, / (?:src|href)=|url\(|@import/);
  assert.match(html, /content="default-src 'none'; style-src 'unsafe-inline'"/);
});

test('the timeline has the panel’s lanes, merged to the pixel', () => {
  const { writer } = contention();
  const { trace } = writer;
  const report = buildReport(trace, MANIFEST);
  const html = htmlReport(report, timelineOf(trace, 'demo'), () => undefined, false);
  const bars = [...html.matchAll(/<rect class="(\w+)" x="([\d.]+)" [^>]*><title>([^<]*)/g)];
  assert.deepEqual(
    bars.map(([, state, x, title]) => [state, Math.round(Number(x)), title]),
    [
      ['running', 300, 'worker: running, 20 ms'],
      ['lock', 500, 'worker: wait books, 50 ms'],
      ['running', 1000, 'worker: running, 20 ms'],
      ['running', 200, 'main: running, 100 ms'],
      ['held', 400, 'books: main, 10 ms'],
      ['heldContended', 500, 'books: main, 50 ms'],
      ['held', 1000, 'books: worker, 10 ms'],
      ['lock', 500, 'worker: behind main, 50 ms'],
    ],
  );
});

test('a run that nobody saw says why', () => {
  const writer = new TraceWriter();
  const { trace } = writer;
  const report = buildReport(trace, MANIFEST);
  const html = htmlReport(report, timelineOf(trace, 'demo'), () => undefined, true);
  assert.match(html, /<h1>Nothing was recorded<\/h1>[\s\S]*-I, -E or -S/);
});
