/** `loop-saturated`: the loop is busy nearly all the time, and everything on it comes late. */
import { formatDuration, formatShare } from '../../base/format.ts';
import type { LoopFacts } from '../facts/loops.ts';
import { finding } from '../finding.ts';
import { location } from '../frames.ts';
import { nameActor } from '../names.ts';
import { utilization } from '../report/objects.ts';
import type { Rule } from '../rule.ts';
import { isNode } from '../runtime.ts';

const MIN_UTILIZATION = 0.9;
const MIN_OBSERVED_NS = 1e9;
/** Half of the time everything on it is later than this. */
const MIN_MEDIAN_LAG_NS = 10e6;
const MIN_P90_LAG_NS = 30e6;
/** A loop of Node that is later than this stands in computing of seconds. */
const MAX_P90_LAG_NS = 800e6;
/** Of ten that are told where it turns. */
const MIN_LAGS_A_SECOND = 3;
/** A single step that fills more of the busy time is a block, and told of as such. */
const MAX_LONG_SHARE = 0.5;

export const loopSaturated: Rule = ({ trace }) =>
  trace.facts.loops.flatMap((loop) => {
    if (loop.openStep !== undefined) return [];
    if (isNode(loop.object.stream) && !servesMany(loop)) return [];
    const busy = utilization(loop);
    const observedNs = loop.busyNs + loop.idleNs;
    if (observedNs < MIN_OBSERVED_NS || busy < MIN_UTILIZATION || isBlocked(loop)) return [];
    const lag = loop.lag.percentiles();
    if (lag.p50 < MIN_MEDIAN_LAG_NS && lag.p90 < MIN_P90_LAG_NS) return [];
    const thread = loop.thread === undefined ? 'its thread' : nameActor(trace, loop.thread);
    const stack = loop.thread?.sampleStack ?? 0;
    return [
      finding({
        rule: 'loop-saturated',
        key: `${loop.object.stream.name}/${loop.object.id}`,
        title: `The event loop of ${thread} is busy ${formatShare(busy)} of the time and ${formatDuration(lag.p90)} late`,
        detail: [
          `It ran for ${formatDuration(loop.busyNs)} of ${formatDuration(observedNs)}; half of what was due came more than ${formatDuration(lag.p50)} late, a tenth more than ${formatDuration(lag.p90)}. No single step is to blame: there is too much work for one thread.`,
          `Take computing off the loop (${isNode(loop.object.stream) ? 'workers, node:worker_threads' : 'a process pool'}), do less for each event, or spread the work over several processes.`,
        ],
        locations: [
          location(trace, loop.long.at(-1)?.stack || stack, 'ran here when last seen'),
          location(trace, loop.object.stack, 'the loop is made here'),
        ],
        evidence: { utilization: busy, busyNs: loop.busyNs, lag },
        spans: [{ from: loop.startNs, to: loop.stopNs ?? trace.durationNs }],
        lostNs: lag.p50,
      }),
    ];
  });

/**
 * A worker is there to compute, and so is a process that is given one piece of work after another: Node has a loop in each, but
 * one that comes to what is due so seldom serves nobody who would wait.
 */
function servesMany({ thread, lag, busyNs, idleNs }: LoopFacts): boolean {
  if (thread?.main !== true || lag.percentiles().p90 >= MAX_P90_LAG_NS) return false;
  return lag.count >= (MIN_LAGS_A_SECOND * (busyNs + idleNs)) / 1e9;
}

function isBlocked(loop: LoopFacts): boolean {
  const longNs = loop.long.reduce((sum, step) => sum + step.toNs - step.fromNs, 0);
  return longNs > MAX_LONG_SHARE * loop.busyNs;
}
