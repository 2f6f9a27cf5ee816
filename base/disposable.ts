/** Something that must be ended by whoever started it. Ending twice is harmless. */
export interface Disposable {
  dispose(): void;
}

/** Makes a disposable of a function; the function runs at most once. */
export function toDisposable(end: () => void): Disposable {
  let ended = false;
  return {
    dispose() {
      if (ended) return;
      ended = true;
      end();
    },
  };
}

/** Owns disposables and ends them in reverse order. Adding to an ended set ends the newcomer at once. */
export class Disposables implements Disposable {
  #owned: Disposable[] = [];
  #ended = false;

  get size(): number {
    return this.#owned.length;
  }

  add<T extends Disposable>(disposable: T): T {
    if (this.#ended) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  /** @throws AggregateError when one or more of the owned failed to end; the others are ended all the same. */
  dispose(): void {
    if (this.#ended) return;
    this.#ended = true;
    const failures: unknown[] = [];
    for (const disposable of this.#owned.reverse()) {
      try {
        disposable.dispose();
      } catch (failure) {
        failures.push(failure);
      }
    }
    this.#owned = [];
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts could not be ended');
  }
}
