/** `interleave samples`: lists the samples, or copies them to where one may change them. */
import { constants, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plural } from '../base/format.ts';
import { codeOf, RecordingError, reasonOf } from '../record/recordingError.ts';
import { listSamples, type Sample } from '../record/samples.ts';
import { choice, parse } from './arguments.ts';
import { cut, type Look, lookOf } from './terminal.ts';
import { UsageError } from './usageError.ts';

const FOLDER = fileURLToPath(new URL('../samples', import.meta.url));

export async function samplesCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, { format: { type: 'string' } } as const, true);
  const format = choice('format', values.format, ['text', 'json']);
  const [verb = 'list', target, ...others] = positionals;
  if (verb === 'list' && target === undefined) {
    const samples = listSamples(FOLDER);
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
    lines.push(look.paint('dim', `  ${' '.repeat(28)} ${cut(`finds ${finds}`, rest)}`));
  }
  return [
    `${plural(samples.length, 'sample')} in ${FOLDER}`,
    ...lines,
    '',
    'To try one: interleave samples copy DIR, then interleave run DIR/…',
  ].join('\n');
}

function copySamples(target: string): void {
  let copied = 0;
  let kept = 0;
  for (const path of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:py|[cm]?[jt]s|md)$/.test(path)) continue;
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
