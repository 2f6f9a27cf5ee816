/** The table of rules: every rule that judges a run. */
import type { Rule } from './rule.ts';
import { contention } from './rules/contention.ts';
import { cpu } from './rules/cpu.ts';
import { deadlock } from './rules/deadlock.ts';
import { hang } from './rules/hang.ts';
import { lockOrderInversion } from './rules/lockOrderInversion.ts';
import { loopBlocked } from './rules/loopBlocked.ts';
import { loopSaturated } from './rules/loopSaturated.ts';
import { noOverlap } from './rules/noOverlap.ts';
import { notedRules } from './rules/noted.ts';
import { pools } from './rules/pools.ts';
import { queueGrowth } from './rules/queueGrowth.ts';
import { threadChurn } from './rules/threadChurn.ts';
import { unsettledAwait } from './rules/unsettledAwait.ts';
import { workerDied } from './rules/workerDied.ts';

/** `deadlock`, `pool-starvation` and `hang`: cheap enough for every look at a live run. */
export const URGENT_RULES: readonly Rule[] = [deadlock, hang];

export const RULE_TABLE: readonly Rule[] = [
  ...URGENT_RULES,
  workerDied,
  lockOrderInversion,
  contention,
  loopBlocked,
  loopSaturated,
  ...notedRules,
  unsettledAwait,
  pools,
  queueGrowth,
  cpu,
  noOverlap,
  threadChurn,
];
