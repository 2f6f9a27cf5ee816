/** `thread-churn`: hundreds of short-lived threads where a pool would do. */
import { formatCount, formatDuration } from '../../base/format.ts';
import { finding } from '../finding.ts';
import { location } from '../frames.ts';
import type { Rule } from '../rule.ts';

const MIN_THREADS = 100;
/** Pools made and thrown away. */
const MIN_POOLS = 20;
/** On average they lived less than this. */
const MAX_LIFE_NS = 200e6;

export const threadChurn: Rule = ({ trace }) =>
  [...trace.facts.shortThreads].flatMap(([stack, short]) => {
    const lifeNs = short.lifeNs / short.count;
    if (short.count < MIN_THREADS || lifeNs > MAX_LIFE_NS) return [];
    // The workers of one big pool are no churn; those of a pool made for each call are.
    if (short.pools.size > 0 && short.pools.size < MIN_POOLS) return [];
    return [
      finding({
        rule: 'thread-churn',
        key: `stack${stack}`,
        title: `${formatCount(short.count)} threads started one after another, living ${formatDuration(lifeNs)} each`,
        detail: [
          `${formatCount(short.count)} threads came from this line within ${formatDuration(short.last - short.first)}; each costs a stack and a start of its own.`,
          'Use a ThreadPoolExecutor: its threads are made once and take the work one item after another.',
        ],
        locations: [location(trace, stack, 'the threads are started here')],
        evidence: { count: short.count, meanLifeNs: lifeNs },
        spans: [{ from: short.first, to: short.last }],
      }),
    ];
  });
