// Lists the source files below folders, without those of other people, a folder at a time.
import type { Dirent } from 'node:fs';
import { readdirSync } from 'node:fs';
import { isSkippedFolder } from './nodeWorkspace.ts';

/** Yields paths in a steady order; folders that can't be read are left out. Links are not followed, so it ends. */
export function* sourceFiles(
  folder: string,
  isSource: (path: string) => boolean,
): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = `${folder.replace(/\/$/, '')}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!isSkippedFolder(entry.name)) yield* sourceFiles(path, isSource);
    } else if (entry.isFile() && isSource(path)) yield path;
  }
}
