// Where a node of the plain tree stands, before anything else is known of it.
import type { Place } from './ast.ts';

/** `parent` and `scope` are put in by the scope pass, which sees every node exactly once. */
export const LATER = undefined as never;

export function blank(start: number, end: number): Place {
  return { start, end, parent: LATER, scope: LATER, stands: undefined, known: 0 };
}
