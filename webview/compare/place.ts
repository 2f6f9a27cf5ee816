/** A link to a line of source, as it was in one of the runs. */
import type { Location } from '../../wire/report.ts';
import { el } from '../dom.ts';
import { sourceName } from '../source.ts';
import type { CompareHost } from './host.ts';

export function placeButton(
  host: CompareHost,
  side: 'before' | 'after',
  place: Location,
  key: string,
): HTMLElement {
  return el(
    'button',
    {
      type: 'button',
      class: 'link code',
      title: `Open ${place.file}, line ${place.line}${place.label ? `: ${place.label}` : ''}`,
      'data-key': `place-${key}`,
      onclick: () => host.post({ type: 'openSource', side, file: place.file, line: place.line }),
    },
    sourceName(place),
  );
}
