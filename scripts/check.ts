/** `npm run check`: types, lint, format and unused code of both languages. `--fix-python` mends the Python side. */
import { join } from 'node:path';
import { capture, tool } from './project.ts';
import { checkers } from './pythons.ts';

type Step = readonly [title: string, command: string, ...args: string[]];

const bin = await checkers();
const ruff = join(bin, 'ruff');

if (process.argv.includes('--fix-python')) {
  await perform([
    ['ruff check --fix', ruff, 'check', '--fix'],
    ['ruff format', ruff, 'format'],
  ]);
} else {
  await perform([
    ['tsc -b', ...tool('typescript/bin/tsc'), '-b', '--pretty'],
    ['tsc of probe/node', ...tool('typescript/bin/tsc'), '-p', 'probe/node', '--pretty'],
    [
      'biome ci',
      ...tool('@biomejs/biome/bin/biome'),
      'ci',
      `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
      '.',
    ],
    ['knip', ...tool('knip/bin/knip.js'), '--no-progress'],
    ['ruff check', ruff, 'check'],
    ['ruff format --check', ruff, 'format', '--check'],
    ['mypy --strict', join(bin, 'mypy')],
  ]);
}

/** All of them, also after one failed: whoever mends wants to see everything at once. */
async function perform(steps: readonly Step[]): Promise<void> {
  for (const [title, command, ...args] of steps) {
    const began = performance.now();
    const { code, text } = await capture(command, args, {
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    });
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${title.padEnd(22)} ${took}`);
    if (code === 0) continue;
    console.log(text);
    process.exitCode = 1;
  }
}
