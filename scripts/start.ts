/** `npm start`: builds, profiles a sample that deadlocks and shows its report; then opens the editor with the samples. */
import { join } from 'node:path';
import { buildAll } from './build.ts';
import { has, ROOT, run } from './project.ts';

const SAMPLE = 'samples/python/deadlocks/two_locks_deadlock.py';

console.log('Building …');
await buildAll();
console.log(`$ interleave run --stop-on-deadlock ${SAMPLE}\n`);
// The sample never ends by itself: its status says that it was stopped, which is what was wanted.
const status = await run(process.execPath, [
  join(ROOT, 'dist', 'cli.js'),
  'run',
  '--stop-on-deadlock',
  '--timeout',
  '20',
  SAMPLE,
]);
if (status === 2 || status === 70) process.exitCode = status;
else if (has('scripts/startEditor.ts') && !process.argv.includes('--no-editor')) {
  const { startEditor } = await import('./startEditor.ts');
  await startEditor();
}
