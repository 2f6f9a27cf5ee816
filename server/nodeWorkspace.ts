// The workspace on disk, with the texts that an editor has open in front of it.
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { moduleCandidates, scriptCandidates, type Workspace } from './workspace.ts';

/** Roots and paths are absolute, folders split by `/`. */
export function nodeWorkspace(
  roots: readonly string[],
  openText: (path: string) => string | undefined = () => undefined,
): Workspace {
  // Most modules are looked for where they are not: a folder is listed once instead, and anew whenever others had a chance
  // to make files meanwhile.
  const folders = new Map<string, ReadonlySet<string>>();
  const exists = (path: string) => {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash + 1);
    let files = folders.get(folder);
    if (files === undefined) {
      if (folders.size === 0) setImmediate(() => folders.clear());
      files = filesOf(folder);
      folders.set(folder, files);
    }
    return files.has(path.slice(slash + 1));
  };
  return {
    readFile(path) {
      const open = openText(path);
      if (open !== undefined) return open;
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    findModule: (name, from) =>
      moduleCandidates(name, from, roots).find(
        (path) => openText(path) !== undefined || exists(path),
      ),
    findScript: (specifier, from) =>
      scriptCandidates(specifier, from, roots).find(
        (path) => openText(path) !== undefined || exists(path),
      ),
  };
}

/** The names of a folder's files, of links what they lead to; none of a folder that can't be read. */
function filesOf(folder: string): ReadonlySet<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return new Set();
  }
  const isFile = (entry: Dirent) =>
    entry.isFile() ||
    (entry.isSymbolicLink() &&
      statSync(folder + entry.name, { throwIfNoEntry: false })?.isFile() === true);
  return new Set(entries.filter(isFile).map(({ name }) => name));
}

/** Folders that hold other people's code, or none. */
const SKIPPED = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
  'venv',
  'env',
  'build',
  'dist',
]);

export function isSkippedFolder(name: string): boolean {
  return name.startsWith('.') || SKIPPED.has(name);
}
