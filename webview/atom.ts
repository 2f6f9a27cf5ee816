/** One piece of state that others may watch. Setting an equal value does nothing. */
export interface Atom<T> {
  readonly value: T;
  set(value: T): void;
  /** Calls `listener` after each change; the result unsubscribes. */
  watch(listener: (value: T) => void): () => void;
}

export function atom<T>(initial: T, equal: (one: T, other: T) => boolean = Object.is): Atom<T> {
  let current = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get value() {
      return current;
    },
    set(value) {
      if (equal(current, value)) return;
      current = value;
      for (const listener of [...listeners]) listener(value);
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Calls `listener` after a change of any of the atoms. */
export function watchAll(
  atoms: readonly Pick<Atom<unknown>, 'watch'>[],
  listener: () => void,
): void {
  for (const one of atoms) one.watch(listener);
}
