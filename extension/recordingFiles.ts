/** Where recordings lie and what they are called: ID-TITLE.interleave, the id beginning with the date and time as digits. */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Prepared, type PrepareOptions, prepareRecording } from '../record/prepare.ts';
import { RecordingError, reasonOf } from '../record/recordingError.ts';

/** Sorts by time as text. */
export function newId(): string {
  return `${new Date().toISOString().replace(/[:.TZ-]/g, '')}${Math.floor(Math.random() * 1296).toString(36)}`;
}

/** The title as a part of a file's name. */
export function stemOf(title: string): string {
  return title.replace(/[^\w.-]+/g, '_').slice(0, 60);
}

/** The run that a kept recording is of: the first part of its name. */
export function idOf(file: string): string {
  return /^\d{17}\w*(?=-)/.exec(basename(file))?.[0] ?? '';
}

/** What a kept recording was called: ID-TITLE.interleave, the id beginning with the date and time as digits. */
export function titleOf(file: string): string {
  const name = basename(file);
  return /^\d{17}\w*-(.*)\.interleave$/.exec(name)?.[1] ?? name;
}

/** Makes room for a recording, live and kept. @throws RecordingError where there is none; then nothing is left behind. */
export function prepared(folder: string, file: string, options: PrepareOptions): Prepared {
  try {
    mkdirSync(dirname(file), { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return prepareRecording(options);
  } catch (failure) {
    rmSync(folder, { recursive: true, force: true });
    throw new RecordingError(
      `Nothing was run: its recording cannot be written (${reasonOf(failure)}).`,
      'See that there is room on this disk, and that its folder can be written.',
      { cause: failure },
    );
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

export function modifiedAt(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return Date.now();
  }
}
