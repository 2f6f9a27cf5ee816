/** One line of progress at the right edge of a terminal, out of the way of what the program prints. */
import { formatCount, formatDuration, plural } from '../base/format.ts';
import type { LiveStatus } from '../engine/status.ts';

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #began = performance.now();
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw({ events, lagNs, waitingThreads }: LiveStatus): void {
    const parts = [elapsed(performance.now() - this.#began), `${formatCount(events)} events`];
    if (lagNs !== undefined) parts.push(`loop lag ${formatDuration(lagNs)}`);
    if (waitingThreads > 0) parts.push(`${plural(waitingThreads, 'thread')} waiting`);
    const text = ` ${parts.join(' · ')} `;
    const columns = this.#stream.columns ?? 80;
    if (text.length + 10 > columns) return;
    // The cursor stays where the program left it: it may be in the middle of a line, at a prompt.
    const width = Math.max(text.length, this.#drawn);
    this.#drawn = text.length;
    this.#at(columns - width, `\x1b[2m${text.padStart(width)}\x1b[0m`);
  }

  clear(): void {
    if (this.#drawn === 0) return;
    this.#at((this.#stream.columns ?? 80) - this.#drawn, '\x1b[K');
    this.#drawn = 0;
  }

  #at(column: number, text: string): void {
    this.#stream.write(`\x1b7\x1b[${Math.max(1, column)}G${text}\x1b8`);
  }
}

function elapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${rest} min`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest} h`;
}
