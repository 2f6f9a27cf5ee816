/** Copies a program's output to ours byte for byte; the program waits when whoever reads us does. */
import { write } from 'node:fs';
import type { Readable } from 'node:stream';
import { codeOf } from '../record/recordingError.ts';

export interface PassThrough {
  /** Whether what went through ended with a line break (or was nothing). */
  readonly atLineStart: boolean;
  /** Resolves when all of the source has been written, or it was silent for `patienceMs` after `programEnded`. */
  finish(patienceMs: number): Promise<void>;
}

const NEWLINE = 10;
const BUSY_MS = 5;

/** Not `pipe(process.stdout)`: writes there block this process's clock when the reader is slow, and timeouts with it. */
export function passThrough(source: Readable, fd: number): PassThrough {
  let last = NEWLINE;
  let ended = false;
  let writing = false;
  let touched = performance.now();
  source.on('data', (chunk: Buffer) => {
    source.pause();
    touched = performance.now();
    last = chunk[chunk.length - 1] ?? last;
    writing = true;
    writeAll(fd, chunk, (failure) => {
      writing = false;
      touched = performance.now();
      // Nobody reads us any more: let the program see the same.
      if (failure !== null) source.destroy();
      else source.resume();
    });
  });
  source.on('close', () => {
    ended = true;
  });
  source.on('error', () => {
    ended = true;
  });
  return {
    get atLineStart() {
      return last === NEWLINE;
    },
    async finish(patienceMs) {
      // A child of the program may hold the pipe open for as long as it likes; its silence is enough. The source may end
      // while its last words are still on their way.
      while (writing || (!ended && performance.now() - touched < patienceMs)) {
        await new Promise((done) => setTimeout(done, 10));
        if (source.readableLength > 0) touched = performance.now();
      }
      source.destroy();
    },
  };
}

function writeAll(fd: number, bytes: Buffer, done: (failure: Error | null) => void): void {
  write(fd, bytes, 0, bytes.length, null, (failure, written) => {
    if (codeOf(failure) === 'EAGAIN') {
      setTimeout(() => writeAll(fd, bytes, done), BUSY_MS);
    } else if (failure !== null) done(failure);
    else if (written < bytes.length) writeAll(fd, bytes.subarray(written), done);
    else done(null);
  });
}
