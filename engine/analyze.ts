/** All findings of a trace, worst first. */
import type { Finding } from '../wire/report.ts';
import { RULES, type RuleId } from '../wire/rules.ts';
import { findStuck } from './graph/stuck.ts';
import type { Rule } from './rule.ts';
import { RULE_TABLE } from './rules.ts';
import type { Trace } from './trace.ts';

export interface AnalyzeOptions {
  /** Nothing more will come: rules about the end of a program may speak. */
  readonly ended?: boolean;
}

/** Costs time in proportion to what is distinct in the trace, not to its records. */
export function analyze(trace: Trace, options: AnalyzeOptions = {}): readonly Finding[] {
  return applyRules(trace, RULE_TABLE, trace.durationNs, options.ended ?? true);
}

export function applyRules(
  trace: Trace,
  rules: readonly Rule[],
  nowNs: number,
  ended: boolean,
): Finding[] {
  const stuck = findStuck(trace, nowNs);
  // Who hangs writes no record that would have it looked for.
  trace.watch.note(trace, stuck.circles, nowNs);
  const input = { trace, nowNs, ended, stuck };
  return inOrder(rules.flatMap((rule) => rule(input)));
}

const RANK = new Map(Object.keys(RULES).map((rule, index) => [rule as RuleId, index]));
const SEVERITY = { error: 0, warning: 1, info: 2 } as const;

export function inOrder(findings: Finding[]): Finding[] {
  return findings.sort(
    (one, other) =>
      SEVERITY[one.severity] - SEVERITY[other.severity] ||
      other.lostNs - one.lostNs ||
      RANK.get(one.rule)! - RANK.get(other.rule)!,
  );
}
