// What a JavaScript rule is given and how it reports.
import type { Edit, Fix } from '../diagnostic.ts';
import type { Place, Report } from '../rule.ts';
import type { LintSettings } from '../settings.ts';
import type { JavascriptModel } from './model.ts';
import type { Resolver } from './resolve.ts';

/** One file under the rules. */
export interface Context {
  readonly model: JavascriptModel;
  readonly resolver: Resolver;
  readonly settings: LintSettings;
  /** Reports the current rule at a place. The message is a whole sentence. */
  report(at: Place, message: string, more?: Report): void;
}

export type Check = (context: Context) => void;

export function suggestion(title: string, edits: readonly Edit[]): Fix {
  return { title, edits, automatic: false };
}

export function automatic(title: string, edits: readonly Edit[]): Fix {
  return { title, edits, automatic: true };
}

export function insert(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

export function replace(place: Place, text: string): Edit {
  return { start: place.start, end: place.end, text };
}

/** Source short enough for a message. */
export function shown(model: JavascriptModel, place: Place): string {
  const text = model.text.slice(place.start, place.end).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
