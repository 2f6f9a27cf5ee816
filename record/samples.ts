/** The samples that come with the project, as their headers describe them (samples/README.md says how a header is written). */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

export interface Sample {
  /** Its path without the extension: `python/deadlocks/two_locks_deadlock`. */
  readonly id: string;
  /** `deadlocks`, `Node.js: workers`. */
  readonly topic: string;
  readonly title: string;
  readonly file: string;
  readonly runtime: 'python' | 'node';
  readonly seeds: readonly string[];
  /** Rules that must come out. */
  readonly expect: readonly string[];
  readonly requires: readonly string[];
  readonly shows: string;
  /** Seconds it may take. */
  readonly timeout: number;
}

const RUNTIMES: Readonly<Record<string, Sample['runtime']>> = {
  '.py': 'python',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.ts': 'node',
  '.mts': 'node',
  '.cts': 'node',
};

/** Python's first, each sorted by id. A file without a title is somebody's helper module, not a sample. */
export function listSamples(folder: string): readonly Sample[] {
  return filesIn(folder)
    .flatMap((file) => sampleOf(folder, file) ?? [])
    .sort((one, other) => {
      if (one.runtime !== other.runtime) return one.runtime === 'python' ? -1 : 1;
      return one.id < other.id ? -1 : 1;
    });
}

function filesIn(folder: string): string[] {
  const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith('__') ? [] : filesIn(path);
    return [path];
  });
}

function sampleOf(folder: string, file: string): Sample | undefined {
  const extension = /\.\w+$/.exec(file)?.[0] ?? '';
  const runtime = RUNTIMES[extension];
  if (runtime === undefined) return undefined;
  const header = headerOf(readFileSync(file, 'utf8'));
  const title = header.get('title');
  if (title === undefined) return undefined;
  const path = relative(folder, file).split(sep);
  const id = path.join('/').slice(0, -extension.length);
  const topic = path.at(-2) ?? basename(folder);
  const words = (key: string, by: RegExp): string[] =>
    (header.get(key) ?? '').split(by).filter((word) => word !== '');
  return {
    id,
    topic: runtime === 'node' ? `Node.js: ${topic}` : topic,
    title,
    file,
    runtime,
    seeds: words('seeds', /[\s,]+/),
    expect: words('expect', /\s+/)
      .map((word) => word.replace(/@.*/, '').replaceAll('|', ' or '))
      .filter((rule) => rule !== 'nothing'),
    requires: words('requires', /\s*,\s*/),
    shows: header.get('shows') ?? '',
    timeout: Number(header.get('timeout') ?? 15),
  };
}

/** The leading comment lines of the form `# key: value` or `// key: value`. */
function headerOf(text: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>();
  for (const line of text.split(/\r?\n/, 40)) {
    if (!/^(?:#|\/\/)/.test(line)) break;
    const [, key, value] = /^(?:#|\/\/)\s*([a-z][a-z-]*):\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) header.set(key, value.trim());
  }
  return header;
}
