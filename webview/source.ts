/** Links to source lines: the same look and the same message everywhere. */
import type { Location } from '../wire/report.ts';
import { el } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';

export function sourceName(location: Location): string {
  return `${fileName(location)}:${location.line}`;
}

function fileName(location: Location): string {
  return location.file.split(/[\\/]/).at(-1) ?? location.file;
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
    ...(boxed
      ? [icon('file'), sourceName(location)]
      : [el('span', { class: 'source-file' }, fileName(location)), `:${location.line}`]),
  );
}
