/** A link to a line of source. */
import type { Location } from '../../wire/report.ts';
import { el } from '../dom.ts';
import { sourceName } from '../source.ts';
import type { CompareHost } from './host.ts';

export function placeButton(host: CompareHost, place: Location, key: string): HTMLElement {
  return el(
    'button',
    {
      type: 'button',
      class: 'link code',
      title: `Open ${place.file}, line ${place.line}${place.label ? `: ${place.label}` : ''}`,
      'data-key': `place-${key}`,
      onclick: () => host.post({ type: 'openSource', file: place.file, line: place.line }),
    },
    sourceName(place),
  );
}
