/** Makes one lane of what is known of it, and finds the line that made it. */
import type { Lane } from '../../wire/panel.ts';
import type { Location } from '../../wire/report.ts';
import { location } from '../frames.ts';
import type { LaneBook } from './laneBook.ts';

type Draft = Pick<Lane, 'id' | 'parent' | 'kind' | 'content' | 'name'> & Partial<Lane>;

export function lane(draft: Draft): Lane {
  return {
    note: '',
    pid: 0,
    color: 0,
    library: false,
    collapsed: false,
    from: 0,
    to: null,
    ...draft,
  };
}

export function place(book: LaneBook, stack: number, label: string): { location?: Location } {
  const found = location(book.trace, stack, label);
  return found === undefined ? {} : { location: found };
}
