/** `queue-growth`: an unbounded queue whose backlog keeps growing. */
import { formatCount, formatDuration } from '../../base/format.ts';
import type { DepthSample } from '../facts/queues.ts';
import { finding } from '../finding.ts';
import { location } from '../frames.ts';
import { nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';

const MIN_DEPTH = 100;
const MIN_SPAN_NS = 500e6;
const MIN_SAMPLES = 6;
/** Of all steps between samples, so many go up or stay. */
const MIN_RISING = 0.8;

export const queueGrowth: Rule = ({ trace }) =>
  trace.facts.queues.flatMap((queue) => {
    const { object, samples } = queue;
    if (object.internal || (object.capacity ?? 0) > 0 || queue.maxDepth < MIN_DEPTH) return [];
    const run = growth(samples);
    if (run === undefined) return [];
    // Filled to the brim before anybody takes is a work list, not a backlog: somebody must take while it grows.
    const taken =
      queue.gets > 0 ||
      object.consumed ||
      samples.filter((one) => one.taken).length >= samples.length / 2;
    if (!taken) return [];
    const name = nameObject(trace, object, trace.sourceLine);
    const perSecond = ((run.to.depth - run.from.depth) / (run.to.at - run.from.at)) * 1e9;
    return [
      finding({
        rule: 'queue-growth',
        key: `${object.stream.name}/${object.id}`,
        title: `${name} keeps growing: ${formatCount(run.to.depth)} items, ${formatCount(perSecond)} more each second`,
        detail: [
          `Its backlog grew from ${formatCount(run.from.depth)} to ${formatCount(run.to.depth)} within ${formatDuration(run.to.at - run.from.at)}${queue.puts > 0 ? ` (${formatCount(queue.puts)} put, ${formatCount(queue.gets)} got)` : ''}: its consumers are slower than its producers, and memory is the only limit.`,
          'Give the queue a maxsize, so that a producer waits when the consumers are behind, or add consumers.',
        ],
        locations: [
          location(
            trace,
            object.stack || object.useStack,
            `${name} is ${object.stack === 0 ? 'used' : 'made without a limit'} here`,
          ),
        ],
        evidence: {
          maxDepth: queue.maxDepth,
          lastDepth: queue.lastDepth,
          ...(queue.counted ? { puts: queue.puts, gets: queue.gets } : {}),
          perSecond,
        },
        spans: [{ from: run.from.at, to: run.to.at }],
      }),
    ];
  });

/** The rise up to the deepest sample, when it is long and steady enough. */
function growth(
  samples: readonly DepthSample[],
): { readonly from: DepthSample; readonly to: DepthSample } | undefined {
  if (samples.length < MIN_SAMPLES) return undefined;
  let top = 0;
  samples.forEach((one, index) => {
    if (one.depth > samples[top]!.depth) top = index;
  });
  const from = samples[0]!;
  const to = samples[top]!;
  if (to.at - from.at < MIN_SPAN_NS || top < MIN_SAMPLES - 1) return undefined;
  let rising = 0;
  for (let index = 1; index <= top; index++)
    if (samples[index]!.depth >= samples[index - 1]!.depth) rising++;
  return rising / top >= MIN_RISING ? { from, to } : undefined;
}
