/** `task-pending-at-exit` of Node: a module was still at an `await` of its top level when nothing was left that could end it. */
import type { Location } from '../../wire/report.ts';
import { finding } from '../finding.ts';
import { place } from '../frames.ts';
import type { Rule } from '../rule.ts';
import { isNode } from '../runtime.ts';
import type { SourceLine } from '../trace.ts';

/** What Node ends with then. */
const UNSETTLED = 13;
const MODULE = /\.(?:[cm]?[jt]s)$/;
const MOST_LINES = 5000;
const MOST_PLACES = 8;
/** At the beginning of its line no function is around it, save one of that line. */
const AT_TOP = /^(?:[^\s/*'"`](?:(?!\/\/|=>|\bfunction\b).)*?)?\bawait\b/;

export const unsettledAwait: Rule = ({ trace }) =>
  trace.streams.flatMap((stream) => {
    if (!isNode(stream) || stream.exitCode !== UNSETTLED) return [];
    const file = stream.process?.argv.find((word) => MODULE.test(word));
    if (file === undefined) return [];
    const places = awaitsOf(file, trace.sourceLine);
    const [first] = places;
    const where =
      first === undefined
        ? place({ file, line: 1, label: '' }).replace(/:1$/, '')
        : places.length === 1
          ? place(first)
          : `one of the ${places.length} of ${place(first).replace(/:\d+$/, '')}`;
    const atNs = stream.closedNs ?? trace.durationNs;
    return [
      finding({
        rule: 'task-pending-at-exit',
        key: `await:${stream.name}`,
        title: `The program ended in the middle of an await of its top level, ${where}: nothing was left that could settle it`,
        detail: [
          `Node ends with exit status ${UNSETTLED} when its loop has nothing left to do, no timer, no connection, no worker, and the main module still awaits.`,
          places.length === 1
            ? ''
            : `What it awaits stands in Node's own warning on stderr${places.length === 0 ? ', in this module or one that it imports' : ''}.`,
          'Settle what is awaited on every path: listen for error, exit and close beside message or data, or set a timer that gives up.',
        ],
        locations: places.length > 0 ? places : [{ file, line: 1, label: 'the main module' }],
        evidence: { exit: UNSETTLED, awaits: places.length },
        spans: [{ from: atNs, to: atNs }],
      }),
    ];
  });

function awaitsOf(file: string, sourceLine: SourceLine): readonly Location[] {
  const found: Location[] = [];
  for (let line = 1; line <= MOST_LINES && found.length < MOST_PLACES; line++) {
    const text = sourceLine(file, line);
    if (text === undefined) break;
    if (AT_TOP.test(text)) found.push({ file, line, label: 'awaits here, at the top level' });
  }
  return found;
}
