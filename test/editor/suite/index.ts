/** Mocha inside the extension host: the editor loads this file, calls `run`, and reads the counts from `RESULT`. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Resolves when every test passed. A host that dies in the middle leaves no result file: that is a failure too. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, color: false });
  // Each suite file registers itself when it is loaded, with Mocha's globals of this instance.
  mocha.suite.emit('pre-require', globalThis as never, '', mocha);
  await import('./commands.ts');
  await import('./profiling.ts');
  await import('./recordings.ts');
  await import('./comparing.ts');
  await import('./sweeping.ts');
  await import('./robustness.ts');
  const lines: string[] = [];
  const counts = { passed: 0, failed: 0 };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => {
      counts.passed += 1;
      lines.push(`ok   ${test.fullTitle()}`);
    });
    runner.on('fail', (test, failure: Error) => {
      counts.failed += 1;
      lines.push(`FAIL ${test.fullTitle()}\n${failure.stack ?? failure.message}`);
    });
  });
  const place = process.env.RESULT;
  if (place !== undefined) writeFileSync(place, JSON.stringify({ ...counts, lines }));
  if (counts.failed > 0) throw new Error(`${counts.failed} failed\n${lines.join('\n')}`);
}
