/**
 * `npm run faults [-- --count N] [--damage N] [--seed N] [--python PATH] [--core native|python]
 * [--jobs N] [--seconds N] [NAME…]`: harms profiled programs and recordings at random, so many at a time and no longer than that,
 * and checks what must hold afterwards. A seed that is printed does the same harm again.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../record/interpreter.ts';
import { damage } from './faults/damage.ts';
import { canMount, inject } from './faults/inject.ts';
import { FAULTS, type Fault } from './faults/kinds.ts';
import { randomFrom } from './faults/random.ts';
import { allPythons } from './pythons.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    damage: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    python: { type: 'string', multiple: true },
    core: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    seconds: { type: 'string', default: 'Infinity' },
  },
});
/** Recordings that are damaged later. */
const KEPT = 12;
const count = Number(values.count);
const damages = Number(values.damage ?? count * 20);
const seed = Number(values.seed);
const cores = (['native', 'python'] as const).filter(
  (core) => values.core === undefined || values.core === core,
);
const pythons =
  values.python === undefined
    ? await allPythons()
    : await Promise.all(values.python.map((python) => findInterpreter({ python })));
const chosen = FAULTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const faults = chosen.filter(({ diskKiB }) => diskKiB === undefined || canMount());
if (faults.length === 0) {
  console.error(`There are these faults: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'faults-kept-'));
const random = randomFrom(seed);
const lots: readonly Fault[] = faults.flatMap((fault) =>
  Array<Fault>(Math.max(1, Math.round(fault.share * (positionals.length > 0 ? 1 : 5)))).fill(fault),
);
const began = performance.now();
const done = new Map<string, number>();
let wrong = 0;
let injected = 0;
let read = 0;
console.log(`seed ${seed}: ${count} faults, ${damages} damaged recordings`);
if (faults.length < chosen.length) console.log('skipped: small disks can be made by root only');
try {
  const work = async (): Promise<void> => {
    while (injected < count && hasTime()) {
      const number = injected++;
      const fault = lots[Math.floor(random() * lots.length)] ?? faults[0];
      const python = pythons[Math.floor(random() * pythons.length)];
      const core = cores[Math.floor(random() * cores.length)];
      const own = Math.floor(random() * 1e6);
      if (fault === undefined || python === undefined || core === undefined) break;
      const keep = number < KEPT ? { keep: join(folder, `${number}.interleave`) } : {};
      const sentences = await inject({ fault, seed: own, python: python.path, core, ...keep });
      const where = `${fault.name}, seed ${own}, Python ${python.version.join('.')}, ${core}`;
      done.set(fault.name, (done.get(fault.name) ?? 0) + 1);
      tell(where, sentences);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const kept = readdirSync(folder).filter((name) => name.endsWith('.interleave'));
  while (read < damages && kept.length > 0 && hasTime()) {
    const file = kept[read++ % kept.length] ?? '';
    const own = Math.floor(random() * 2 ** 31);
    tell(`damage, seed ${own}, of ${file}`, await damage(join(folder, file), folder, own));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const [name, times] of [...done].sort()) console.log(`${String(times).padStart(6)} ${name}`);
console.log(`${String(read).padStart(6)} damaged recordings`);
console.log(`${injected} faults and ${read} damaged recordings: ${wrong} did not hold`);
process.exitCode = wrong > 0 ? 1 : 0;

function hasTime(): boolean {
  return performance.now() - began < Number(values.seconds) * 1000;
}

function tell(where: string, sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  wrong++;
  console.log(`FAIL ${where}\n${sentences.map((each) => `     ${each}`).join('\n')}`);
}
