/** Runs the probe's own tests with unittest on every Python that is there. */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Interpreter } from '../record/interpreter.ts';
import { capture, ROOT } from './project.ts';
import { sum, type Tally } from './tally.ts';

/** How often tests that failed among others are tried by themselves. */
const TURNS_ALONE = 2;

/** Two run at a time: with five Pythons one alone would come last. */
const PARTS = 2;

export async function testPython(pythons: readonly Interpreter[]): Promise<Tally> {
  const modules = globSync('test/probe/test_*.py', { cwd: ROOT })
    .sort()
    .map((file) => basename(file, '.py'));
  const tallies: Tally[] = [];
  const waiting = pythons.flatMap((python) =>
    Array.from({ length: PARTS }, (_, part) => ({
      python,
      modules: modules.filter((_, index) => index % PARTS === part),
    })),
  );
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (next.modules.length > 0) tallies.push(await testSome(next.python, next.modules));
    }
  };
  await Promise.all([work(), work()]);
  return sum(tallies);
}

async function testSome(python: Interpreter, modules: readonly string[]): Promise<Tally> {
  const { code, text } = await unittest(python, modules);
  const count = (word: string): number => Number(new RegExp(`${word}=(\\d+)`).exec(text)?.[1] ?? 0);
  const ran = Number(/^Ran (\d+) tests?/m.exec(text)?.[1] ?? 0);
  const skipped = count('skipped');
  // A run that dies in the middle says nothing of failures; its status does.
  const failed = Math.max(count('failures') + count('errors'), code === 0 ? 0 : 1);
  const failing = code === 0 ? [] : failingTests(text);
  if (failing.length > 0) {
    // Threads that must meet in time do not always, on a busy machine: what failed is run again by itself.
    console.log(text);
    for (let turn = 1; turn <= TURNS_ALONE; turn++) {
      const again = await unittest(python, failing);
      console.log(
        `again on Python ${python.version.join('.')}: ${failing.join(' ')}\n${again.text}`,
      );
      if (again.code === 0) return { passed: ran - skipped, failed: 0, skipped };
    }
  }
  const some = `${modules[0]} … ${modules.at(-1)}`;
  console.log(
    `${code === 0 ? 'ok  ' : 'FAIL'} test/probe on Python ${python.version.join('.')}: ${some}`,
  );
  if (code !== 0 && failing.length === 0) console.log(text);
  return { passed: Math.max(0, ran - skipped - failed), failed, skipped };
}

function unittest(
  python: Interpreter,
  args: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  return capture(
    python.path,
    ['-W', 'default', '-m', 'unittest', ...args],
    { PYTHONPATH: join(ROOT, 'probe', 'python'), PYTHONDONTWRITEBYTECODE: '1' },
    join(ROOT, 'test', 'probe'),
  );
}

/** Names to run them by; empty when the run died instead of failing. */
function failingTests(text: string): string[] {
  const names = [...text.matchAll(/^(?:FAIL|ERROR): (\w+) \(([\w.]+)\)/gm)].map(
    ([, test = '', place = '']) => (place.endsWith(`.${test}`) ? place : `${place}.${test}`),
  );
  return [...new Set(names)];
}
