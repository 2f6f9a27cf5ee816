/** What a rule gets and gives. To add one: copy a file of rules/, list it in rules.ts, give it an id in wire/rules.ts. */
import type { Finding } from '../wire/report.ts';
import type { StuckSets } from './graph/stuck.ts';
import type { Trace } from './trace.ts';

export interface RuleInput {
  readonly trace: Trace;
  /** ns since trace start. */
  readonly nowNs: number;
  /** Nothing more will come. */
  readonly ended: boolean;
  /** Who can never move again. */
  readonly stuck: StuckSets;
}

export type Rule = (input: RuleInput) => readonly Finding[];
