/** Small things for drawing recordings: frames, times, numbers that look random. */

export const MS = 1e6;
/** Where the drawn service is cut off, ns. */
export const END = 15_900 * MS;

/** Numbers that look random and are the same every time. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export type At = (time: number, write: () => void) => void;

export const app = (line: number, name: string, file = 'ledger.py') => ({
  file: `/app/${file}`,
  line,
  function: name,
});
export const library = (name: string, line: number) => ({
  file: `/usr/lib/python3.11/${name}`,
  line,
  function: name.split('/').at(-1)?.replace('.py', '') ?? name,
});
