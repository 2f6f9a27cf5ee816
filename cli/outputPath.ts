/** Files to be written at the end of a run: what cannot be is said before the program starts. */
import { accessSync, closeSync, constants, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../record/recordingError.ts';
import { UsageError } from './usageError.ts';

/** @throws UsageError */
export function refuseUnwritable(path: string | undefined): void {
  if (path === undefined) return;
  const file = resolve(path);
  const before = existsSync(file) ? statSync(file) : undefined;
  if (before?.isDirectory() === true) {
    throw new UsageError(`${path} is a folder.`, 'Name a file in it.');
  }
  const folder = dirname(file);
  if (!existsSync(folder)) throw new UsageError(`The folder ${folder} does not exist.`);
  try {
    // A pipe is not opened: that would wait for somebody to read it.
    if (before !== undefined && !before.isFile()) accessSync(file, constants.W_OK);
    else {
      closeSync(openSync(file, 'a'));
      if (before === undefined) rmSync(file);
    }
  } catch (failure) {
    throw new UsageError(
      `${path} cannot be written: ${reasonOf(failure)}.`,
      'Name a file in a folder that you may write to.',
    );
  }
}
