/** Rules whose evidence is a single record of the probe: it happened, here. */
import { formatDuration, plural } from '../../base/format.ts';
import type { Location } from '../../wire/report.ts';
import type { RuleId } from '../../wire/rules.ts';
import { exceptionType } from '../facts/lives.ts';
import type { Note, NoteKind } from '../facts/notes.ts';
import { finding } from '../finding.ts';
import { isLibrary, location, locationsOf, place, sitesOf, userSite } from '../frames.ts';
import { nameActor, nameObject } from '../names.ts';
import type { Rule } from '../rule.ts';
import type { Trace } from '../trace.ts';

interface Words {
  readonly title: string;
  readonly detail: readonly string[];
  readonly locations: readonly (Location | undefined)[];
}

/**
 * @param more others of its kind at the same place, which are told with it.
 * @param varied they do not all have its text.
 */
type Write = (trace: Trace, note: Note, more: number, varied: boolean) => Words;

/** What tells apart those of one place. */
type Sort = (trace: Trace, note: Note) => string | number;

const byText: Sort = (_, note) => note.text;
const byExceptionType: Sort = (trace, note) => exceptionType(trace.strings.get(note.text));

/** What is no fault of the program. */
type Except = (trace: Trace, note: Note) => boolean;

/** Turns the notes of one kind into findings, one for each place and sort. */
function noted(
  rule: RuleId,
  kind: NoteKind,
  write: Write,
  sort: Sort = byText,
  except: Except = () => false,
): Rule {
  return ({ trace }) => {
    const places = new Map<string, { notes: Note[]; locations: (Location | undefined)[] }>();
    for (const note of trace.facts.notes.of(kind)) {
      if (except(trace, note)) continue;
      const { locations } = write(trace, note, 0, false);
      const first = locations.find((one) => one !== undefined);
      const key = `${kind}:${first?.file ?? ''}:${first?.line ?? 0}:${sort(trace, note)}`;
      const known = places.get(key);
      if (known === undefined) places.set(key, { notes: [note], locations: [...locations] });
      else {
        known.notes.push(note);
        known.locations.push(...locations);
      }
    }
    return [...places].map(([key, { notes, locations }]) => {
      const count = notes.reduce((sum, note) => sum + note.count, 0);
      const varied = notes.some((note) => note.varied || note.text !== notes[0]!.text);
      return finding({
        rule,
        key,
        ...write(trace, notes[0]!, count - 1, varied),
        locations,
        evidence: { count, amount: notes[0]!.amount },
        spans: notes.flatMap((note) => note.times.map((at) => ({ from: at, to: at }))),
      });
    });
  };
}

/** `heartbeat (Task-4) and 2 others`. */
const withOthers = (who: string, more: number) =>
  more === 0 ? who : `${who} and ${plural(more, 'other')}`;

const times = (note: Note) => (note.count > 1 ? ` ${plural(note.count, 'time')}` : '');

/** `ValueError: bad job 3`; of several that differ in what they say, `ValueError, the first with “bad job 3”`. */
function exceptionsOf(trace: Trace, note: Note, varied: boolean): string {
  const text = trace.strings.get(note.text) || 'an exception';
  if (!varied) return text;
  const type = exceptionType(text);
  const said = text.slice(type.length + 1).trim();
  return said === '' ? type : `${type}, the first with “${said}”`;
}

const taskExceptionLost = noted(
  'task-exception-lost',
  'taskExceptionLost',
  (trace, note, more, varied) => {
    const exceptions = exceptionsOf(trace, note, varied);
    const who = note.actor === undefined ? 'a future' : nameActor(trace, note.actor);
    const raised = userSite(trace, note.stack);
    return {
      title: `Nobody looked at the exception${more > 0 ? 's' : ''} of ${withOthers(who, more)}: ${exceptions}`,
      detail: [
        `${withOthers(who, more)} failed${raised === undefined ? '' : ` at ${place(raised)}`} with ${exceptions}, and nobody awaited ${more > 0 ? 'them or asked for their results' : 'it or asked for its result'}.`,
        'Await the task, gather it, or run it in a TaskGroup; a done callback that logs task.exception() is the least.',
      ],
      locations: [
        location(trace, note.stack, `raised here: ${exceptions}`),
        location(trace, note.otherStack, 'started here, and never awaited'),
      ],
    };
  },
  byExceptionType,
);

const itemExceptionLost = noted(
  'task-exception-lost',
  'itemExceptionLost',
  (trace, note, more, varied) => {
    const exceptions = exceptionsOf(trace, note, varied);
    const name =
      note.object === undefined ? 'a pool' : nameObject(trace, note.object, trace.sourceLine);
    const submitted = [...(note.object?.pool?.submitStacks.keys() ?? [])].slice(0, 3);
    return {
      title: `Work in ${name} failed and nobody looked: ${exceptions}`,
      detail: [
        `${plural(more + 1, 'work item')} of ${name} ended with ${exceptions}; ${more > 0 ? 'their results were' : 'its result was'} never asked for.`,
        'Keep the futures and call result() on each, for example with as_completed(); map() raises when its results are read.',
      ],
      locations: [
        ...submitted.map((stack) => location(trace, stack, 'submitted here')),
        location(trace, note.stack, `${name} is made here`),
      ],
    };
  },
  byExceptionType,
);

/** A connection that a server of streams still had open: `asyncio.run` has cancelled it, and there is no other end to it. */
function isConnection(trace: Trace, { stack, actor }: Note): boolean {
  return (
    actor?.ended === true &&
    sitesOf(trace, stack).some(
      ({ file, function: name }) =>
        /[\\/]asyncio[\\/]streams\.py$/.test(file) && /(?:^|\.)connection_made$/.test(name),
    )
  );
}

const taskPendingAtExit = noted(
  'task-pending-at-exit',
  'taskPending',
  (trace, note, more) => {
    const who = note.actor === undefined ? 'A task' : nameActor(trace, note.actor);
    const at = userSite(trace, note.otherStack);
    return {
      title:
        more === 0
          ? `${who} was still pending when its loop closed`
          : `${withOthers(who, more)} were still pending when their loop closed`,
      detail: [
        `${withOthers(who, more)}${at === undefined ? '' : ` stood at ${place(at)}`} when the event loop closed: what was still to be done was never done.`,
        'Await such a task before the loop ends, run it in a TaskGroup, or cancel it and await the cancellation.',
      ],
      locations: [
        location(trace, note.stack, 'started here'),
        location(trace, note.otherStack, 'stands here for ever'),
      ],
    };
  },
  byText,
  isConnection,
);

const coroutineNeverAwaited = noted(
  'coroutine-never-awaited',
  'coroutineNeverAwaited',
  (trace, note, more) => {
    const name = trace.strings.get(note.text) || 'A coroutine';
    // The function itself, where nobody knows who called it.
    const at = userSite(trace, note.stack)?.function;
    const isDefinition = at === name || (at !== undefined && name.endsWith(`.${at}`));
    return {
      title: `${name}() was called and never awaited`,
      detail: [
        `Calling ${name}() only makes a coroutine; nothing of it ran${more > 0 ? `, ${more + 1} times` : ''}.`,
        `Write \`await ${name}(…)\`, or start it with asyncio.create_task(…) and keep the task.`,
      ],
      locations: [
        location(
          trace,
          note.stack,
          isDefinition ? 'this was called without await' : 'called here without await',
        ),
      ],
    };
  },
);

/** What the program's line calls: of `event.set()` that sets a future's result, `Event.set`. */
function calledMethod(trace: Trace, note: Note): string {
  const sites = sitesOf(trace, note.stack);
  const own = sites.findIndex((site) => !isLibrary(site.file));
  const called = own > 0 ? sites[own - 1]!.function : '';
  return called || trace.strings.get(note.text) || 'a method of the loop';
}

const unsafeLoopCall = noted(
  'unsafe-loop-call',
  'unsafeCall',
  (trace, note, more) => {
    const method = calledMethod(trace, note);
    const who = note.actor === undefined ? 'Another thread' : nameActor(trace, note.actor);
    return {
      title: `${method} called from ${who}, which is not the loop's thread`,
      detail: [
        `${who} called ${method}${more > 0 ? ` ${more + 1} times` : ''}: the loop's objects are not thread-safe, and a sleeping loop does not notice.`,
        'Use loop.call_soon_threadsafe(…) or asyncio.run_coroutine_threadsafe(…).',
      ],
      locations: locationsOf(trace, note.stack, `${method} is called here`, 2),
    };
  },
  // One line is one mistake, whichever of the loop's methods it comes to inside the library.
  () => '',
);

/** multiprocessing.Pool puts a new worker in the place of one that ended, in a thread of its own. */
function isReplacement(trace: Trace, { stack }: Note): boolean {
  return sitesOf(trace, stack).some(
    ({ file, function: name }) =>
      /[\\/]multiprocessing[\\/]pool\.py$/.test(file) && /(?:^|\.)_handle_workers$/.test(name),
  );
}

const forkWithThreads = noted(
  'fork-with-threads',
  'forkWithThreads',
  (trace, note) => ({
    title: `fork while ${plural(note.amount, 'other thread')} ran`,
    detail: [
      `The process forked${times(note)} while ${plural(note.amount, 'other thread')} ran: the child has only the forking thread, and every lock another thread held at that moment stays taken in the child for ever.`,
      "Use the start method 'spawn' or 'forkserver', or fork before the first thread starts.",
    ],
    locations: locationsOf(trace, note.stack, 'forks here', 3),
  }),
  byText,
  isReplacement,
);

const daemonKilled = noted('daemon-killed', 'daemonKilled', (trace, note, more) => {
  const who = note.actor === undefined ? 'a daemon thread' : nameActor(trace, note.actor);
  const name =
    note.object === undefined ? undefined : nameObject(trace, note.object, trace.sourceLine);
  const queued = note.amount > 0;
  const what =
    name === undefined
      ? 'in the middle of its work'
      : queued
        ? `with ${plural(note.amount, 'item')} left in ${name}`
        : `while it held ${name}`;
  return {
    title:
      more === 0
        ? `Daemon thread ${who} was killed at exit ${what}`
        : `Daemon threads were killed at exit: ${who} ${what}, and ${plural(more, 'other')} likewise`,
    detail: [
      `${who} is a daemon: the interpreter ended without waiting for it, ${what}. Files may be cut short and results lost.`,
      'Make it no daemon and tell it to end (an Event, a sentinel in its queue), then join it.',
    ],
    locations: [
      ...locationsOf(trace, note.stack, 'it stood here when the program ended', 2),
      note.actor === undefined
        ? undefined
        : location(trace, note.actor.createStack, `${who} is started here`),
    ],
  };
});

const lockAcrossAwait = noted('lock-across-await', 'lockAcrossAwait', (trace, note) => {
  const who = note.actor === undefined ? 'A task' : nameActor(trace, note.actor);
  const name =
    note.object === undefined ? 'a lock' : nameObject(trace, note.object, trace.sourceLine);
  return {
    title: `${who} holds ${name} across an await`,
    detail: [
      `${who} took ${name}, a lock of threads, at ${place(userSite(trace, note.stack))} and awaited at ${place(userSite(trace, note.otherStack))} while it held it${note.amount > 0 ? ` (${formatDuration(note.amount)})` : ''}: another task of the loop that wants it blocks the whole loop, and then nobody can give it back.`,
      'Use asyncio.Lock with `async with`, or give the lock back before awaiting.',
    ],
    locations: [
      location(trace, note.stack, `${name} is taken here`),
      location(trace, note.otherStack, 'awaits here while holding it'),
    ],
  };
});

const dataRace = noted('data-race', 'race', (trace, note) => ({
  title: `Two threads changed the same state without a lock at ${place(userSite(trace, note.stack))}`,
  detail: [
    `${note.actor === undefined ? 'A thread' : nameActor(trace, note.actor)} and ${note.otherActor === undefined ? 'another' : nameActor(trace, note.otherActor)} read and wrote it${times(note)} with no common lock.`,
    'Guard every access with one lock, or give each thread its own value.',
  ],
  locations: locationsOf(trace, note.stack, 'unlocked access'),
}));

export const notedRules: readonly Rule[] = [
  lockAcrossAwait,
  unsafeLoopCall,
  taskExceptionLost,
  itemExceptionLost,
  taskPendingAtExit,
  coroutineNeverAwaited,
  forkWithThreads,
  daemonKilled,
  dataRace,
];
