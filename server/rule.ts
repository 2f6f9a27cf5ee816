// What a Python rule is given and how it reports.
import type { Fix, LintSeverity, Related } from './diagnostic.ts';
import type { Node } from './python/ast.ts';
import type { Effects } from './python/effects.ts';
import type { Locks } from './python/locks.ts';
import type { PythonModel } from './python/model.ts';
import type { Resolver } from './python/resolve.ts';

export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Report {
  readonly fixes?: readonly Fix[];
  readonly related?: readonly Related[];
  /** Milder than the rule's own, where it is less sure of itself; what the user set for the rule stands. */
  readonly severity?: LintSeverity;
}

/** One file under the rules. */
export interface Context {
  readonly model: PythonModel;
  readonly resolver: Resolver;
  readonly locks: Locks;
  readonly effects: Effects;
  /** Names the user's settings call blocking, as dotted names. */
  readonly blockingNames: ReadonlySet<string>;
  /** Reports the current rule at a place. The message is a whole sentence. */
  report(at: Node | Place, message: string, more?: Report): void;
}

export type Check = (context: Context) => void;
