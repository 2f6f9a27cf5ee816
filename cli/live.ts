/** What is told while the program runs: progress on a terminal, and a deadlock the moment it is seen. */
import type { Disposable } from '../base/disposable.ts';
import type { Run } from '../record/launch.ts';
import { RECORD_BYTES } from '../wire/recording.ts';
import type { Analysis } from './analysis.ts';
import { Progress } from './progress.ts';
import { type Look, lookOf, printable } from './terminal.ts';

/** Twice unchanged is what makes a deadlock: with this it is told within half a second of closing. */
const LOOK_EVERY_MS = 100;

export class Live implements Disposable {
  readonly #run: Run;
  readonly #analysis: Analysis;
  readonly #stopOnDeadlock: boolean;
  readonly #quiet: boolean;
  readonly #look: Look = lookOf(process.stderr);
  readonly #progress: Progress | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #subscription: Disposable;
  #records = 0;

  constructor(
    run: Run,
    analysis: Analysis,
    options: { readonly quiet: boolean; readonly stopOnDeadlock: boolean },
  ) {
    this.#run = run;
    this.#analysis = analysis;
    this.#quiet = options.quiet;
    this.#stopOnDeadlock = options.stopOnDeadlock;
    this.#progress =
      process.stderr.isTTY && !options.quiet ? new Progress(process.stderr) : undefined;
    this.#subscription = run.batches((batch) => {
      if (batch.type === 'records') this.#records += batch.bytes.length / RECORD_BYTES;
      analysis.add(batch);
    });
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
    this.#progress?.clear();
  }

  #tick(): void {
    // Nothing new comes from a program that stands still, but its waits grow older: look all the same.
    const { added } = this.#analysis.update();
    for (const finding of added) {
      if (finding.rule !== 'deadlock') continue;
      this.#tell(`${printable(finding.title)}${this.#places(finding.locations)}`);
      if (this.#stopOnDeadlock) this.#run.stop('deadlock');
    }
    this.#progress?.draw(this.#records, this.#analysis.status());
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
