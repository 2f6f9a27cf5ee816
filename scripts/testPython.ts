/** Runs the probe's own tests with unittest on every Python that is there. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Interpreter } from '../record/interpreter.ts';
import { capture, ROOT } from './project.ts';
import { NOTHING, sum, type Tally } from './tally.ts';

export async function testPython(pythons: readonly Interpreter[]): Promise<Tally> {
  if (globSync('test/probe/test_*.py', { cwd: ROOT }).length === 0) return NOTHING;
  const tallies: Tally[] = [];
  const waiting = [...pythons];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      tallies.push(await testOne(next));
    }
  };
  await Promise.all([work(), work()]);
  return sum(tallies);
}

async function testOne(python: Interpreter): Promise<Tally> {
  const { code, text } = await capture(
    python.path,
    ['-W', 'default', '-m', 'unittest', 'discover', '-s', 'test/probe', '-p', 'test_*.py'],
    { PYTHONPATH: join(ROOT, 'probe', 'python'), PYTHONDONTWRITEBYTECODE: '1' },
  );
  const count = (word: string): number => Number(new RegExp(`${word}=(\\d+)`).exec(text)?.[1] ?? 0);
  const ran = Number(/^Ran (\d+) tests?/m.exec(text)?.[1] ?? 0);
  const skipped = count('skipped');
  // A run that dies in the middle says nothing of failures; its status does.
  const failed = Math.max(count('failures') + count('errors'), code === 0 ? 0 : 1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} test/probe on Python ${python.version.join('.')}`);
  if (code !== 0) console.log(text);
  return { passed: Math.max(0, ran - skipped - failed), failed, skipped };
}
