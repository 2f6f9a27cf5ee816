/**
 * `npm run faults [-- --count N] [--damage N] [--until N] [--seed N] [--python PATH] [--core native|python]
 * [--jobs N] [--seconds N] [--keep FOLDER] [NAME…]`: harms profiled programs and recordings at random, so many at a time and no
 * longer than that, and checks what must hold afterwards. `--until` goes on, over many runs, until this version has had so many.
 * A seed that is printed does the same harm again; `--keep` keeps the recordings after which something did not hold.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findInterpreter } from '../record/interpreter.ts';
import { damage } from './faults/damage.ts';
import { canMount, inject } from './faults/inject.ts';
import { FAULTS, type Fault } from './faults/kinds.ts';
import { randomFrom } from './faults/random.ts';
import { DAMAGE, type Outcome, Tally } from './faults/tally.ts';
import { ROOT } from './project.ts';
import { allPythons } from './pythons.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    damage: { type: 'string' },
    until: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    python: { type: 'string', multiple: true },
    core: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    seconds: { type: 'string', default: 'Infinity' },
    keep: { type: 'string' },
  },
});
/** Recordings that are damaged later, and how large they may be: small ones break in the same places, and sooner. */
const KEPT = 12;
const SMALL_BYTES = 200 << 10;
const until = values.until === undefined ? undefined : Number(values.until);
// In rounds, so that a run that is cut short has done some of everything.
const count = until === undefined ? Number(values.count) : 24;
const damages = Number(values.damage ?? count * (until === undefined ? 20 : 4));
const seed = Number(values.seed);
const cores = (['native', 'python'] as const).filter(
  (core) => values.core === undefined || values.core === core,
);
const pythons =
  values.python === undefined
    ? await allPythons()
    : await Promise.all(values.python.map((python) => findInterpreter({ python })));
const chosen = FAULTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const faults = chosen.filter(({ asRoot, diskKiB }) => !(asRoot || diskKiB) || canMount());
if (faults.length === 0) {
  console.error(`There are these faults: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });

const folder = mkdtempSync(join(tmpdir(), 'faults-kept-'));
const random = randomFrom(seed);
const lots: readonly Fault[] = faults.flatMap((fault) =>
  Array<Fault>(Math.max(1, Math.round(fault.share * (positionals.length > 0 ? 1 : 5)))).fill(fault),
);
const began = performance.now();
const tally = new Tally();
const done = new Map<string, number>();
let wrong = 0;
console.log(
  until === undefined
    ? `seed ${seed}: ${count} faults, ${damages} damaged recordings`
    : `seed ${seed}: ${tally.total} of ${until} done to version ${tally.version}`,
);
if (faults.length < chosen.length) console.log('skipped: small disks and own clocks need root');
try {
  do await round();
  while (until !== undefined && tally.total < until && hasTime());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (until !== undefined) writeFileSync(join(ROOT, 'docs', 'faults.md'), tally.document());
for (const [name, times] of [...done].sort()) console.log(`${String(times).padStart(6)} ${name}`);
const all = [...done.values()].reduce((sum, times) => sum + times, 0);
console.log(`${all} faults: after ${wrong} something did not hold`);
if (until !== undefined) console.log(`${tally.total} of ${until} done to version ${tally.version}`);
process.exitCode = wrong > 0 ? 1 : 0;

async function round(): Promise<void> {
  let injected = 0;
  const work = async (): Promise<void> => {
    while (injected < count && hasTime()) {
      const number = injected++;
      const fault = lots[Math.floor(random() * lots.length)] ?? faults[0];
      const python = pythons[Math.floor(random() * pythons.length)];
      const core = cores[Math.floor(random() * cores.length)];
      const own = Math.floor(random() * 1e6);
      if (fault === undefined || python === undefined || core === undefined) break;
      const version = python.version.join('.');
      const sentences = await inject({
        fault,
        seed: own,
        python: python.path,
        core,
        ...(number < KEPT ? { keep: join(folder, `${number}.interleave`) } : {}),
        ...(values.keep === undefined ? {} : { evidence: values.keep }),
      });
      keep({ fault: fault.name, version, core, seed: own, sentences });
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  const all = readdirSync(folder).filter((name) => name.endsWith('.interleave'));
  const small = all.filter((name) => statSync(join(folder, name)).size < SMALL_BYTES);
  const kept = small.length > 2 ? small : all;
  for (let read = 0; read < damages && kept.length > 0 && hasTime(); read++) {
    const own = Math.floor(random() * 2 ** 31);
    const sentences = await damage(join(folder, kept[read % kept.length] ?? ''), folder, own);
    keep({ fault: DAMAGE, version: '', core: '', seed: own, sentences });
  }
  if (until !== undefined) tally.save();
}

function hasTime(): boolean {
  return performance.now() - began < Number(values.seconds) * 1000;
}

function keep(outcome: Outcome): void {
  const { fault, version, core, seed: own, sentences } = outcome;
  tally.add(outcome);
  done.set(fault, (done.get(fault) ?? 0) + 1);
  if (sentences.length === 0) return;
  wrong++;
  const where = version === '' ? '' : `, Python ${version}, ${core}`;
  console.log(
    `FAIL ${fault}, seed ${own}${where}\n${sentences.map((each) => `     ${each}`).join('\n')}`,
  );
}
