/** `interleave samples`: lists the samples, or copies them to where one may change them. */
import { constants, copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plural } from '../base/format.ts';
import { codeOf, RecordingError, reasonOf } from '../record/recordingError.ts';
import { choice, parse } from './arguments.ts';
import { cut, type Look, lookOf } from './terminal.ts';
import { UsageError } from './usageError.ts';

export interface Sample {
  /** Its path without the extension: `python/deadlocks/two_locks_deadlock`. */
  readonly id: string;
  readonly title: string;
  /** Absolute. */
  readonly file: string;
  readonly runtime: 'python' | 'node';
  readonly seeds: readonly string[];
  /** What must be found in it, `rule` or `rule|or another`; empty when nothing may be. */
  readonly expect: readonly string[];
  readonly requires: readonly string[];
  readonly shows: string;
}

const FOLDER = fileURLToPath(new URL('../samples', import.meta.url));
const HEADER = /^#\s*([a-z-]+):\s*(.*)$/;

export async function samplesCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, { format: { type: 'string' } } as const, true);
  const format = choice('format', values.format, ['text', 'json']);
  const [verb = 'list', target, ...others] = positionals;
  if (verb === 'list' && target === undefined) {
    const samples = readSamples();
    console.log(
      format === 'json' ? JSON.stringify(samples) : table(samples, lookOf(process.stdout)),
    );
    return 0;
  }
  if (verb !== 'copy') {
    throw new UsageError(
      `samples ${verb}: there is list and copy DIR.`,
      'See `interleave help samples`.',
    );
  }
  if (target === undefined)
    throw new UsageError('Copy the samples where?', 'interleave samples copy DIR');
  if (others.length > 0)
    throw new UsageError('The samples go into one folder.', 'interleave samples copy DIR');
  copySamples(resolve(target));
  return 0;
}

/** All samples by id; a file without an `expect:` header is a helper of another. */
export function readSamples(): readonly Sample[] {
  return files()
    .flatMap((path): Sample[] => {
      const file = join(FOLDER, path);
      const header = headerOf(file);
      const expect = header.get('expect');
      if (expect === undefined) return [];
      const id = path
        .split(sep)
        .join('/')
        .replace(/\.\w+$/, '');
      return [
        {
          id,
          title: header.get('title') ?? id,
          file,
          runtime: path.endsWith('.py') ? 'python' : 'node',
          seeds: words(header.get('seeds')),
          expect: words(expect).filter((rule) => rule !== 'nothing'),
          requires: words(header.get('requires')),
          shows: header.get('shows') ?? '',
        },
      ];
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

function files(): readonly string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(?:py|[cm]?[jt]s)$/.test(path) && !path.includes('__pycache__'),
  );
}

function headerOf(file: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (!line.startsWith('#') && !line.startsWith('//')) break;
    const match = HEADER.exec(line.replace(/^\/\//, '#'));
    if (match?.[1] !== undefined) header.set(match[1], (match[2] ?? '').trim());
  }
  return header;
}

/** Marked lines (`rule@12`) are for the tests. */
function words(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(/[\s,]+/)
    .map((word) => word.replace(/@.*$/, ''))
    .filter((word) => word !== '' && !/^\d+$/.test(word));
}

function table(samples: readonly Sample[], look: Look): string {
  const lines: string[] = [];
  let group = '';
  for (const sample of samples) {
    const folder = dirname(sample.id);
    if (folder !== group) {
      group = folder;
      lines.push('', look.paint('strong', folder));
    }
    const name = sample.id.slice(folder.length + 1);
    const finds = sample.expect.length === 0 ? 'nothing' : sample.expect.join(', ');
    const rest = look.columns - 32;
    lines.push(`  ${name.padEnd(28)} ${cut(sample.title, rest)}`);
    lines.push(
      look.paint(
        'dim',
        `  ${' '.repeat(28)} ${cut(`finds ${finds.replaceAll('|', ' or ')}`, rest)}`,
      ),
    );
  }
  return [
    `${plural(samples.length, 'sample')} in ${FOLDER}`,
    ...lines,
    '',
    'To try one: interleave samples copy DIR, then interleave run DIR/….py',
  ].join('\n');
}

function copySamples(target: string): void {
  let copied = 0;
  let kept = 0;
  for (const path of files()) {
    const to = join(target, path);
    try {
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(FOLDER, path), to, constants.COPYFILE_EXCL);
      copied++;
    } catch (failure) {
      if (codeOf(failure) !== 'EEXIST') {
        throw new RecordingError(`${to} could not be written: ${reasonOf(failure)}.`);
      }
      kept++;
    }
  }
  const rest =
    kept === 0 ? '' : `; ${plural(kept, 'file')} that were there already stayed as they are`;
  console.log(`${plural(copied, 'file')} copied to ${target}${rest}.`);
}
