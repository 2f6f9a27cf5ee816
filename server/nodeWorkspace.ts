// The workspace on disk, with the texts that an editor has open in front of it.
import { readFileSync, statSync } from 'node:fs';
import { moduleCandidates, type Workspace } from './workspace.ts';

/** Roots and paths are absolute, folders split by `/`. */
export function nodeWorkspace(
  roots: readonly string[],
  openText: (path: string) => string | undefined = () => undefined,
): Workspace {
  const isFile = new Map<string, boolean>();
  const exists = (path: string) => {
    let known = isFile.get(path);
    if (known === undefined) {
      known = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
      // A file that isn't there yet may come; one that is there rarely goes.
      if (known) isFile.set(path, known);
    }
    return known;
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
  };
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
