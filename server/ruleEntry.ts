// What the table of rules says of each Python rule.
import type { LintSeverity } from './diagnostic.ts';
import type { Needs } from './needs.ts';
import type { Check } from './rule.ts';

/** Whether a rule's fix may be applied unseen, is one of several the user picks from, or does not exist. */
export type FixKind = 'automatic' | 'suggestion' | 'none';

export interface Rule {
  /** The LSP code; the same as the finding's where a run sees the same thing. */
  readonly id: string;
  readonly number: number;
  readonly severity: LintSeverity;
  readonly title: string;
  readonly fix: FixKind;
  /** The rule's page, below the project's root. */
  readonly doc: string;
  readonly check: Check;
  /** Without this in a file the rule is not run over it. */
  readonly needs: Needs;
}

/** One line of the table; its page is named after it. */
export function rule(
  id: string,
  number: number,
  severity: LintSeverity,
  title: string,
  fix: FixKind,
  check: Check,
  needs: Needs,
): Rule {
  return { id, number, severity, title, fix, doc: `docs/rules/${id}.md`, check, needs };
}
