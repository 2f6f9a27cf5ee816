/** Runs TypeScript tests with node:test, a few files at a time, and prints what failed. */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { ROOT } from './project.ts';
import { NOTHING, type Tally } from './tally.ts';

/** A test that hangs must not hang everything. */
const LONGEST_MS = 15 * 60_000;

export async function testNode(patterns: readonly string[], concurrency: number): Promise<Tally> {
  const files = globSync([...patterns], { cwd: ROOT })
    .sort()
    .map((file) => join(ROOT, file));
  if (files.length === 0) return NOTHING;
  let tally = NOTHING;
  const events = run({ files, concurrency, timeout: LONGEST_MS, cwd: ROOT });
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') process.stdout.write(data.message);
    if (type === 'test:fail' && data.details.type !== 'suite') {
      const { cause } = data.details.error;
      console.log(`FAIL ${relative(ROOT, data.file ?? '')}:${data.line ?? 0}  ${data.name}`);
      console.log(String(cause instanceof Error ? (cause.stack ?? cause) : cause));
    }
    if (type !== 'test:summary') continue;
    const { counts, file } = data;
    if (file === undefined) {
      const { passed, tests, skipped, todo } = counts;
      tally = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
    } else console.log(`${data.success ? 'ok  ' : 'FAIL'} ${relative(ROOT, file)}`);
  }
  return tally;
}
