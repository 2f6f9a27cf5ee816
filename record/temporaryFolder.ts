/** Folders of our own under the system's temporary folder, removed when they are done with or when we end. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../base/disposable.ts';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** Leaves the folder where it is, also when this process ends. */
  keep(): void;
}

const living = new Set<string>();
let watching = false;

/** Makes a folder only its owner can enter. */
export function makeTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'interleave-'));
  chmodSync(path, 0o700);
  living.add(path);
  if (!watching) {
    watching = true;
    process.on('exit', () => living.forEach(remove));
  }
  return {
    path,
    keep: () => living.delete(path),
    dispose() {
      if (living.delete(path)) remove(path);
    },
  };
}

function remove(path: string): void {
  try {
    // A child that outlives the program may still write here for a moment.
    rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  } catch {
    // Nothing better can be done about a folder that does not go: the system clears its temporary files.
  }
}
