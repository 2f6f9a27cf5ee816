/** Single events that are findings by themselves, counted by kind and place. */
import type { Actor } from '../ingest/actor.ts';
import type { TracedObject } from '../ingest/object.ts';

const MAX_PLACES = 2000;
const MAX_TIMES = 100;

export type NoteKind =
  | 'unsafeCall'
  | 'taskExceptionLost'
  | 'itemExceptionLost'
  | 'taskPending'
  | 'coroutineNeverAwaited'
  | 'daemonKilled'
  | 'forkWithThreads'
  | 'lockAcrossAwait'
  | 'race';

export interface Note {
  readonly kind: NoteKind;
  readonly stack: number;
  /** A second place: where the task was created, what the other did. */
  readonly otherStack: number;
  /** String index: method, exception, coroutine. */
  readonly text: number;
  /** Of those counted together: some had another text of the same sort. */
  varied: boolean;
  readonly actor: Actor | undefined;
  readonly otherActor: Actor | undefined;
  readonly object: TracedObject | undefined;
  /** As the kind says: other threads alive, queued items, ns held. */
  amount: number;
  count: number;
  /** The first hundred times. */
  readonly times: number[];
}

export interface NoteInput {
  readonly kind: NoteKind;
  readonly at: number;
  readonly stack: number;
  readonly otherStack?: number;
  readonly text?: number;
  /** Those whose texts are of one sort are told together: an exception's type. */
  readonly sort?: string;
  readonly actor?: Actor | undefined;
  readonly otherActor?: Actor | undefined;
  readonly object?: TracedObject | undefined;
  readonly amount?: number;
}

export class Notes {
  readonly #notes = new Map<string, Note>();

  add(input: NoteInput): void {
    const key = `${input.kind}:${input.stack}:${input.otherStack ?? 0}:${input.sort ?? input.text ?? 0}:${input.object?.index ?? 0}`;
    let note = this.#notes.get(key);
    if (note === undefined) {
      if (this.#notes.size >= MAX_PLACES) return;
      note = {
        kind: input.kind,
        stack: input.stack,
        otherStack: input.otherStack ?? 0,
        text: input.text ?? 0,
        varied: false,
        actor: input.actor,
        otherActor: input.otherActor,
        object: input.object,
        amount: 0,
        count: 0,
        times: [],
      };
      this.#notes.set(key, note);
    }
    note.count++;
    note.varied ||= note.text !== (input.text ?? 0);
    note.amount = Math.max(note.amount, input.amount ?? 0);
    if (note.times.length < MAX_TIMES) note.times.push(input.at);
  }

  of(kind: NoteKind): readonly Note[] {
    return [...this.#notes.values()].filter((note) => note.kind === kind);
  }
}
