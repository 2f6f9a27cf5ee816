/**
 * `npm run bench`: every number the project claims, measured here and now. Words after `--` choose parts: ingest, host,
 * probe, node, own, panel, lints. Options are the parts' own, `probe --rounds 7` or, for the other profilers that the registry
 * has in the probe's table, `probe --peers all`: they need a part by name.
 */
import { buildAll } from './build.ts';
import { has, run } from './project.ts';

const PARTS: Readonly<Record<string, string>> = {
  ingest: 'scripts/bench/ingest.ts',
  host: 'scripts/bench/hostLag.ts',
  panel: 'scripts/bench/panel.ts',
  lints: 'scripts/bench/lints.ts',
  probe: 'scripts/bench/probe.ts',
  node: 'scripts/bench/node.ts',
  own: 'scripts/bench/ownCost.ts',
};

const words = process.argv.slice(2);
// What stands behind an option is its value, not a part.
const first = words.findIndex((word) => word.startsWith('--'));
const asked = first < 0 ? words : words.slice(0, first);
const options = first < 0 ? [] : words.slice(first);
const unknown = asked.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined || (options.length > 0 && asked.length !== 1)) {
  const wrong = unknown === undefined ? 'Options need one part' : `There is no part ${unknown}`;
  console.error(`${wrong}; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
await buildAll(true);
let failed = false;
for (const [name, script] of Object.entries(PARTS)) {
  if ((asked.length > 0 && !asked.includes(name)) || !has(script)) continue;
  console.log(`\n── ${name}\n`);
  failed = (await run(process.execPath, ['--expose-gc', script, ...options])) !== 0 || failed;
}
process.exitCode = failed ? 1 : 0;
