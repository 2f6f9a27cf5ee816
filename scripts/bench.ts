/**
 * `npm run bench`: every number the project claims, measured here and now. Words after `--` choose parts: ingest, host,
 * probe, panel, lints; `--peers` adds the other profilers that the registry has to the probe's table.
 */
import { buildAll } from './build.ts';
import { has, run } from './project.ts';

const PARTS: Readonly<Record<string, readonly string[]>> = {
  ingest: ['scripts/bench/ingest.ts'],
  host: ['scripts/bench/hostLag.ts'],
  panel: ['scripts/bench/panel.ts'],
  lints: ['scripts/bench/lints.ts'],
  probe: ['scripts/bench/probe.ts'],
};

const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const unknown = asked.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
await buildAll(true);
let failed = false;
for (const [name, [script = '']] of Object.entries(PARTS)) {
  if ((asked.length > 0 && !asked.includes(name)) || !has(script)) continue;
  console.log(`\n── ${name}\n`);
  failed = (await run(process.execPath, ['--expose-gc', script, ...flags])) !== 0 || failed;
}
process.exitCode = failed ? 1 : 0;
