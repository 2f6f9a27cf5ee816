/** A real pipe for a program's output. Node's own are sockets, and a program can tell the difference. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Pipe {
  readonly readable: Readable;
  /** The end for the program; to be closed here once the program has it. */
  readonly writeEnd: number;
}

/** Undefined where there are no named pipes; Node's own must do then. */
export function makePipe(folder: string, name: string): Pipe | undefined {
  if (process.platform === 'win32') return undefined;
  const path = join(folder, name);
  if (spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' }).status !== 0) return undefined;
  try {
    // The reading end first and without waiting: the writing end would wait for it for ever.
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    return { readable: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
  } finally {
    // Both ends are open: the name has done its work.
    unlinkSync(path);
  }
}

export function closeWriteEnd(pipe: Pipe | undefined): void {
  if (pipe !== undefined) closeSync(pipe.writeEnd);
}
