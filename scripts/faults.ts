/**
 * `npm run faults [-- --count N] [--damage N] [--seed N] [--python PATH] [--core native|python] [NAME…]`: harms profiled programs and
 * recordings at random and checks what must hold afterwards. A seed that is printed does the same harm again.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../record/interpreter.ts';
import { damage } from './faults/damage.ts';
import { inject } from './faults/inject.ts';
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
  },
});
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
const faults = FAULTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (faults.length === 0) {
  console.error(`There are these faults: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'faults-kept-'));
const random = randomFrom(seed);
const lots: readonly Fault[] = faults.flatMap((fault) => Array<Fault>(fault.share).fill(fault));
console.log(`seed ${seed}: ${count} faults, ${damages} damaged recordings`);
let wrong = 0;
try {
  for (let number = 0; number < count; number++) {
    const fault = lots[Math.floor(random() * lots.length)] ?? faults[0];
    const python = pythons[Math.floor(random() * pythons.length)];
    const core = cores[Math.floor(random() * cores.length)];
    const own = Math.floor(random() * 1e6);
    if (fault === undefined || python === undefined || core === undefined) break;
    const keep = number < 6 ? { keep: join(folder, `${number}.interleave`) } : {};
    const sentences = await inject({ fault, seed: own, python: python.path, core, ...keep });
    const where = `${fault.name}, seed ${own}, Python ${python.version.join('.')}, ${core}`;
    tell(where, sentences);
  }
  const kept = readdirSync(folder).filter((name) => name.endsWith('.interleave'));
  for (let number = 0; number < damages && kept.length > 0; number++) {
    const file = kept[number % kept.length] ?? '';
    const own = Math.floor(random() * 2 ** 31);
    tell(`damage, seed ${own}, of ${file}`, await damage(join(folder, file), folder, own));
    if ((number + 1) % 1000 === 0) console.log(`${number + 1} damaged recordings read`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${count} faults and ${damages} damaged recordings: ${wrong} did not hold`);
process.exitCode = wrong > 0 ? 1 : 0;

function tell(where: string, sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  wrong++;
  console.log(`FAIL ${where}\n${sentences.map((each) => `     ${each}`).join('\n')}`);
}
