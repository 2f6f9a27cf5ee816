/** One line of progress at the right edge of a terminal, out of the way of what the program prints. */
import { formatCount, formatDuration, plural } from '../base/format.ts';
import type { LiveStatus } from '../engine/status.ts';
import { type Look, lookOf } from './terminal.ts';

const REDRAW_MS = 500;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #look: Look;
  readonly #began = performance.now();
  #drawn = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#look = lookOf(stream);
  }

  draw({ events, lagNs, waitingThreads }: LiveStatus): void {
    // The terminal scrolls under it: the less often it is drawn, the fewer copies are left behind.
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const parts = [elapsed(now - this.#began), `${formatCount(events)} events`];
    if (lagNs !== undefined) parts.push(`loop lag ${formatDuration(lagNs)}`);
    if (waitingThreads > 0) parts.push(`${plural(waitingThreads, 'thread')} waiting`);
    const text = ` ${parts.join(' · ')} `;
    const columns = this.#stream.columns ?? 80;
    if (text.length + 10 > columns) return;
    // The cursor stays where the program left it: it may be in the middle of a line, at a prompt.
    const width = Math.max(text.length, this.#drawn);
    this.#drawn = text.length;
    this.#at(columns - width, this.#look.paint('dim', text.padStart(width)));
  }

  clear(): void {
    if (this.#drawn === 0) return;
    this.#at((this.#stream.columns ?? 80) - this.#drawn, '\x1b[K');
    this.#drawn = 0;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
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
