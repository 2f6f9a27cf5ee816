/** Numbers before and after: of the whole runs, and of each loop, lock, pool and queue. */
import type { CompareView, MeasureRow, ThingTable } from '../../wire/comparePanel.ts';
import { el } from '../dom.ts';
import type { CompareHost } from './host.ts';
import { placeButton } from './place.ts';

const WORDS: Readonly<Record<MeasureRow['change'], string>> = {
  better: '✓ better',
  worse: '▲ worse',
  changed: '≠ changed',
  same: '',
};

export function measuresSection(view: CompareView): HTMLElement | null {
  if (view.measures.length === 0) return null;
  return el(
    'section',
    { class: 'compare-section', 'aria-labelledby': 'compare-runs' },
    el('h2', { id: 'compare-runs' }, 'The runs'),
    measureTable(view.measures, 'The runs'),
  );
}

export function thingsSection(host: CompareHost, view: CompareView): HTMLElement | null {
  if (view.things.length === 0) return null;
  const changed = view.things.filter((one) => one.changed);
  const same = view.things.filter((one) => !one.changed);
  return el(
    'section',
    { class: 'compare-section', 'aria-labelledby': 'compare-things' },
    el('h2', { id: 'compare-things' }, 'Loops, locks, pools and queues'),
    changed.length === 0 ? el('p', { class: 'quiet' }, 'None of them changed.') : null,
    el('div', { class: 'compare-things' }, ...changed.map((one, at) => thing(host, one, `c${at}`))),
    same.length === 0
      ? null
      : el(
          'details',
          {},
          el('summary', {}, `${same.length} that did not change`),
          el(
            'div',
            { class: 'compare-things' },
            ...same.map((one, at) => thing(host, one, `s${at}`)),
          ),
        ),
  );
}

function thing(host: CompareHost, one: ThingTable, key: string): HTMLElement {
  const { before, after } = one;
  const isSame = before?.file === after?.file && before?.line === after?.line;
  return el(
    'figure',
    { class: 'compare-thing' },
    el(
      'figcaption',
      {},
      el('strong', {}, one.title),
      one.presence === 'both' ? null : el('span', { class: `chip ${one.presence}` }, one.presence),
      before === null || isSame ? null : placeButton(host, 'before', before, `${key}-before`),
      after === null ? null : placeButton(host, 'after', after, `${key}-after`),
    ),
    measureTable(one.rows, one.title),
  );
}

function measureTable(rows: readonly MeasureRow[], name: string): HTMLElement {
  return el(
    'table',
    { class: 'compare-measures', 'aria-label': name },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, el('span', { class: 'heard' }, 'What')),
        el('th', { scope: 'col', class: 'number' }, 'before'),
        el('th', { scope: 'col', class: 'number' }, 'after'),
        el('th', { scope: 'col', class: 'number' }, 'change'),
        el('th', { scope: 'col' }, el('span', { class: 'heard' }, 'Verdict')),
      ),
    ),
    el(
      'tbody',
      {},
      ...rows.map((row) =>
        el(
          'tr',
          { class: `measure-${row.change}` },
          el('th', { scope: 'row' }, row.title),
          el('td', { class: 'number' }, row.before),
          el('td', { class: 'number' }, row.after),
          el('td', { class: 'number' }, row.delta),
          el('td', { class: 'verdict' }, WORDS[row.change]),
        ),
      ),
    ),
  );
}
