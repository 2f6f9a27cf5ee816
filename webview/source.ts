/** Links to source lines: the same look and the same message everywhere. */
import type { Location } from '../wire/report.ts';
import { el } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';

export function sourceName(location: Location): string {
  const file = location.file.split(/[\\/]/).at(-1) ?? location.file;
  return `${file}:${location.line}`;
}

export function sourceButton(host: Host, location: Location, boxed = false): HTMLElement {
  return el(
    'button',
    {
      type: 'button',
      class: boxed ? 'button code' : 'link code',
      title: `Open ${location.file}, line ${location.line}${location.label ? `: ${location.label}` : ''}`,
      'aria-label': `Open ${sourceName(location)}`,
      'data-key': `source-${location.file}:${location.line}`,
      onclick: (event: Event) => {
        event.stopPropagation();
        host.post({ type: 'openSource', file: location.file, line: location.line });
      },
    },
    boxed ? icon('file') : null,
    el('span', { class: 'source-file' }, sourceName(location).replace(/:\d+$/, '')),
    `:${location.line}`,
  );
}
