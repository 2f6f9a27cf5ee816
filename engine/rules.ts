/** The table of rules: every rule that judges a run, in order of severity. */
import type { Rule } from './rule.ts';
import { deadlock } from './rules/deadlock.ts';
import { hang } from './rules/hang.ts';
import { loopBlocked } from './rules/loopBlocked.ts';

/** Cheap enough for every look at a live run. */
export const URGENT_RULES: readonly Rule[] = [deadlock, hang];

export const RULE_TABLE: readonly Rule[] = [...URGENT_RULES, loopBlocked];
