/** `thread-churn`: hundreds of short-lived threads where a pool would do. */
import { formatCount, formatDuration } from '../../base/format.ts';
import { finding } from '../finding.ts';
import { location } from '../frames.ts';
import type { Rule } from '../rule.ts';

const MIN_THREADS = 100;
/** Pools made and thrown away. */
const MIN_POOLS = 20;
/** On average they lived less than this … */
const MAX_LIFE_NS = 200e6;
/** … and Node's workers less than this: each starts an engine of its own first. */
const MAX_WORKER_LIFE_NS = 500e6;

export const threadChurn: Rule = ({ trace }) =>
  [...trace.facts.shortThreads].flatMap(([stack, short]) => {
    const lifeNs = short.lifeNs / short.count;
    const { workers } = short;
    if (short.count < MIN_THREADS || lifeNs > (workers ? MAX_WORKER_LIFE_NS : MAX_LIFE_NS))
      return [];
    const what = workers ? 'workers' : 'threads';
    // The workers of one big pool are no churn; those of a pool made for each call are.
    if (short.pools.size > 0 && short.pools.size < MIN_POOLS) return [];
    return [
      finding({
        rule: 'thread-churn',
        key: `stack${stack}`,
        title: `${formatCount(short.count)} ${what} started one after another, living ${formatDuration(lifeNs)} each`,
        detail: [
          `${formatCount(short.count)} ${what} came from this line within ${formatDuration(short.last - short.first)}; each costs ${workers ? 'the start of a JavaScript engine' : 'a stack and a start of its own'}.`,
          workers
            ? 'Make a few workers once and send them one message after another.'
            : 'Use a ThreadPoolExecutor: its threads are made once and take the work one item after another.',
        ],
        locations: [location(trace, stack, `the ${what} are started here`)],
        evidence: { count: short.count, meanLifeNs: lifeNs },
        spans: [{ from: short.first, to: short.last }],
      }),
    ];
  });
