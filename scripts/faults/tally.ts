/** Keeps count of the faults that were done to this very version, over many runs, and writes them as `docs/faults.md`. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../project.ts';
import { FAULTS } from './kinds.ts';

const FOLDER = join(ROOT, '.cache', 'faults');
/** What is tried: another byte here is another version. */
const TRIED = ['probe/python', 'record', 'engine', 'wire', 'scripts/faults'];
export const DAMAGE = 'damaged recording';

/** One fault, or one damaged recording, and what did not hold afterwards. */
export interface Outcome {
  readonly fault: string;
  readonly version: string;
  readonly core: string;
  readonly seed: number;
  readonly sentences: readonly string[];
}

interface Row {
  readonly fault: string;
  readonly version: string;
  readonly core: string;
  readonly times: number;
}

interface Kept {
  readonly rows: readonly Row[];
  readonly wrong: readonly Outcome[];
}

export class Tally {
  readonly version: string;
  readonly #folder: string;
  #kept: Kept = { rows: [], wrong: [] };
  /** Since the last time it was saved. */
  #fresh: Outcome[] = [];

  /** Goes on with what was counted of this version in `folder`. */
  constructor(folder: string = FOLDER) {
    this.#folder = folder;
    this.version = fingerprint();
    this.save();
  }

  get total(): number {
    return sum(this.#kept.rows) + this.#fresh.length;
  }

  add(outcome: Outcome): void {
    this.#fresh.push(outcome);
  }

  /** Adds what is new to what is kept, where others that run at the same time may have added, too. */
  save(): void {
    mkdirSync(this.#folder, { recursive: true });
    const file = join(this.#folder, `${this.version}.json`);
    const { rows, wrong } = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Kept)
      : this.#kept;
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    for (const { fault, version, core } of this.#fresh) {
      const row = { fault, version, core, times: 1 };
      const times = (byKey.get(keyOf(row))?.times ?? 0) + 1;
      byKey.set(keyOf(row), { ...row, times });
    }
    const failed = this.#fresh.filter(({ sentences }) => sentences.length > 0);
    this.#kept = { rows: [...byKey.values()], wrong: [...wrong, ...failed] };
    this.#fresh = [];
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(this.#kept));
    renameSync(`${file}.${process.pid}`, file);
  }

  /** The page about what was done to this version. */
  document(): string {
    this.save();
    return documentOf(this.version, this.#kept.rows, this.#kept.wrong, this.total);
  }
}

function keyOf({ fault, version, core }: Omit<Row, 'times'>): string {
  return `${fault} ${version} ${core}`;
}

function documentOf(
  version: string,
  rows: readonly Row[],
  wrong: readonly Outcome[],
  total: number,
): string {
  const columns = [...new Set(rows.map(column))]
    .filter((name) => name !== '')
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const done = new Set(rows.map(({ fault }) => fault));
  const lines = FAULTS.filter(({ name }) => done.has(name)).map(({ name }) => {
    const own = rows.filter(({ fault }) => fault === name);
    const cells = columns.map((title) => sum(own.filter((row) => column(row) === title)) || '');
    const failed = wrong.filter(({ fault }) => fault === name).length;
    return `| ${name} | ${cells.join(' | ')} | ${sum(own)} | ${failed} |`;
  });
  const damaged = sum(rows.filter(({ fault }) => fault === DAMAGE));
  const unread = wrong.filter(({ fault }) => fault === DAMAGE).length;
  const told = wrong.map(
    ({ fault, version: python, core, seed, sentences }) =>
      `- ${fault}, seed ${seed}${python === '' ? '' : `, Python ${python}, ${core}`}: ${sentences.join('; ').replaceAll(/\s+/g, ' ').slice(0, 400)}`,
  );
  return `# Harm done to profiled programs and to recordings

\`npm run faults -- --until 10000\` harms until so many faults were done to this very version, over as many runs as that takes, and
makes this page. **${total} faults, of which ${damaged} damaged recordings; after ${wrong.length} something did not hold.** Version of probe, reader
and engine: \`${version}\`.

## What must hold after each

- The program prints what it would print anyway, complains of nothing, ends as it must (its own status or the signal), within 90 s (300 s
  with 10 000 threads at once), and none of its processes and files stay behind.
- The report can be built and says that end. Packed into one file and read again it says the same.
- Each thread that the program says it has had is in the recording; where losses are told, nothing that was recorded more than
  100 ms before the end is lost.
- Every record that was written is read, or counted as lost; the report says how many are.
- A damaged recording gives a report or a clear error, within 20 s.

Where there is no disk, memory or descriptor left the 100 ms do not hold: there the loss must be counted and shown.

## What was done

| harm | ${columns.join(' | ')} | all | did not hold |
|---|${columns.map(() => '---|').join('')}---|---|
${lines.join('\n')}
| ${DAMAGE} | ${columns.map(() => '').join(' | ')} | ${damaged} | ${unread} |
${told.length === 0 ? '' : `\n## What did not hold\n\n${told.join('\n')}\n`}`;
}

function column({ version, core }: Row): string {
  return version === '' ? '' : `${version.split('.').slice(0, 2).join('.')} ${core}`;
}

function sum(rows: readonly Row[]): number {
  return rows.reduce((total, { times }) => total + times, 0);
}

/** Of every file that is tried. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of TRIED) {
    const names = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const name of names) hash.update(name.slice(ROOT.length)).update(readFileSync(name));
  }
  return hash.digest('hex').slice(0, 12);
}
