/** Lines of the profiled program's source, as they are on this disk now; careful, since a recording may name any file. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';

const LARGEST_FILE = 4 * 1024 * 1024;
const MOST_FILES = 500;
const LONGEST_LINE = 1000;

export type SourceLine = (file: string, line: number) => string | undefined;

/**
 * Remembers what it read; undefined for what is no ordinary file, too large, or shorter than that.
 * @param unchangedSince wall clock, ms since 1970: files changed later have other lines than those that ran, and say nothing.
 */
export function sourceLines(unchangedSince: () => number = () => Infinity): SourceLine {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = files.get(file);
    if (lines === undefined) {
      lines = files.size < MOST_FILES ? readLines(file, unchangedSince()) : [];
      files.set(file, lines);
    }
    return lines[line - 1]?.slice(0, LONGEST_LINE);
  };
}

function readLines(file: string, unchangedSince: number): readonly string[] {
  // Only sources: a crafted recording must not make a report quote somebody's keys.
  if (!isAbsolute(file) || !/\.(?:py|pyw|pyi|js|mjs|cjs|ts|mts|cts)$/i.test(file)) return [];
  try {
    const about = statSync(file);
    if (!about.isFile() || about.size > LARGEST_FILE || about.mtimeMs > unchangedSince) return [];
    return readFileSync(file, 'utf8').split(/\r\n|\r|\n/);
  } catch {
    return [];
  }
}
