/** What is told while the program runs: progress on a terminal, and a deadlock the moment it is seen. */
import type { Disposable } from '../base/disposable.ts';
import { printable } from '../base/format.ts';
import { LiveFindings } from '../engine/liveFindings.ts';
import { liveStatus } from '../engine/status.ts';
import type { Trace } from '../engine/trace.ts';
import type { Run } from '../record/launch.ts';
import { monotonicNow } from '../record/prepare.ts';
import { Progress } from './progress.ts';
import { type Look, lookOf } from './terminal.ts';

/** Twice unchanged is what makes a deadlock: with this it is told within half a second of closing. */
const LOOK_EVERY_MS = 100;

export class Live implements Disposable {
  readonly #run: Run;
  readonly #trace: Trace;
  readonly #findings: LiveFindings;
  readonly #stopOnDeadlock: boolean;
  readonly #quiet: boolean;
  readonly #look: Look = lookOf(process.stderr);
  readonly #progress: Progress | undefined;
  #timer: NodeJS.Timeout;
  readonly #subscription: Disposable;
  #failure: unknown;

  constructor(
    run: Run,
    trace: Trace,
    options: { readonly quiet: boolean; readonly stopOnDeadlock: boolean },
  ) {
    this.#run = run;
    this.#trace = trace;
    this.#findings = new LiveFindings(trace);
    this.#quiet = options.quiet;
    this.#stopOnDeadlock = options.stopOnDeadlock;
    this.#progress =
      process.stderr.isTTY && !options.quiet ? new Progress(process.stderr) : undefined;
    this.#subscription = run.batches((batch) => this.#guarded(() => trace.add(batch)));
    this.#timer = setTimeout(() => this.#guarded(() => this.#tick()), LOOK_EVERY_MS);
  }

  /** What went wrong on our side; the program must not suffer for it, so it is told at the end. */
  get failure(): unknown {
    return this.#failure;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#progress?.clear();
  }

  #guarded(work: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      work();
    } catch (failure) {
      this.#failure = failure;
    }
  }

  #tick(): void {
    // Nothing new comes from a program that stands still, but its waits grow older: look all the same.
    const began = performance.now();
    const { added } = this.#findings.update(monotonicNow() - this.#trace.origin);
    for (const finding of added) {
      if (finding.rule !== 'deadlock') continue;
      this.#tell(`${printable(finding.title)}${this.#places(finding.locations)}`);
      if (this.#stopOnDeadlock) this.#run.stop('deadlock');
    }
    this.#progress?.draw(liveStatus(this.#trace));
    const spent = performance.now() - began;
    this.#timer = setTimeout(
      () => this.#guarded(() => this.#tick()),
      Math.max(LOOK_EVERY_MS, 3 * spent),
    );
  }

  #tell(text: string): void {
    if (this.#quiet) return;
    this.#progress?.clear();
    process.stderr.write(`${this.#look.paint('error', 'interleave:')} ${text}\n`);
  }

  #places(locations: readonly { readonly file: string; readonly line: number }[]): string {
    const places = [...new Set(locations.map(({ file, line }) => `${baseName(file)}:${line}`))];
    return places.length === 0 ? '' : ` (${printable(places.slice(0, 4).join(', '))})`;
  }
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
