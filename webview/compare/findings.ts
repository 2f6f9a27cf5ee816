/** Findings of both runs in two columns: what is gone is struck through, what is new stands alone on the right. */
import type { CompareView, FindingRow, FindingSide } from '../../wire/comparePanel.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import type { CompareHost } from './host.ts';
import { placeButton } from './place.ts';

const WORDS: Readonly<Record<FindingRow['change'], readonly [sign: string, word: string]>> = {
  new: ['+', 'new'],
  worse: ['▲', 'worse'],
  gone: ['✓', 'gone'],
  better: ['▼', 'better'],
  same: ['=', 'still there'],
};

export function findingsSection(host: CompareHost, view: CompareView): HTMLElement {
  return el(
    'section',
    { class: 'compare-section', 'aria-labelledby': 'compare-findings' },
    el('h2', { id: 'compare-findings' }, 'Findings'),
    view.findings.length === 0
      ? el('p', { class: 'quiet' }, 'Neither run has findings.')
      : el(
          'table',
          { class: 'compare-findings', 'aria-labelledby': 'compare-findings' },
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              el('th', { scope: 'col', class: 'change' }, 'Change'),
              el('th', { scope: 'col' }, 'Before'),
              el('th', { scope: 'col' }, 'After'),
            ),
          ),
          el('tbody', {}, ...view.findings.map((row, index) => findingRow(host, row, index))),
        ),
  );
}

function findingRow(host: CompareHost, row: FindingRow, index: number): HTMLElement {
  const [sign, word] = WORDS[row.change];
  return el(
    'tr',
    { class: `change-${row.change}` },
    el(
      'th',
      { scope: 'row', class: 'change' },
      el('span', { class: 'chip' }, el('span', { 'aria-hidden': 'true' }, sign), ` ${word}`),
      el(
        'button',
        {
          type: 'button',
          class: 'link code',
          title: `Explain ${row.rule}`,
          'data-key': `rule-${index}`,
          onclick: () => host.post({ type: 'openRule', rule: row.rule }),
        },
        row.rule,
      ),
      row.lost ? el('span', { class: 'quiet' }, row.lost) : null,
    ),
    cell(host, row, 'before', index),
    cell(host, row, 'after', index),
  );
}

function cell(
  host: CompareHost,
  row: FindingRow,
  which: 'before' | 'after',
  index: number,
): HTMLElement {
  const finding = row[which];
  if (finding === null) {
    const text = which === 'after' ? 'Not seen any more' : 'Was not there';
    return el(
      'td',
      { class: 'none' },
      el('span', { 'aria-hidden': 'true' }, which === 'after' ? '✓ ' : ''),
      text,
    );
  }
  const isGone = row.change === 'gone';
  const title = el('span', {}, finding.title);
  return el(
    'td',
    {},
    el(
      'div',
      { class: 'compare-finding' },
      icon(row.severity, isGone ? 'quiet' : row.severity),
      el(
        'button',
        {
          type: 'button',
          class: 'plain',
          title: 'Show it in its panel',
          'data-key': `${which}-${index}`,
          onclick: () => host.post({ type: 'showRun', side: which, finding: finding.id }),
        },
        isGone ? el('s', {}, title) : title,
      ),
    ),
    // Of what is new or still there one wants to know how it comes; of what is gone, no more.
    isGone || (which === 'before' && row.after !== null)
      ? null
      : el('p', { class: 'compare-detail' }, finding.detail),
    places(host, which, finding, `${which}-${index}`),
  );
}

function places(
  host: CompareHost,
  side: 'before' | 'after',
  finding: FindingSide,
  key: string,
): HTMLElement | null {
  if (finding.locations.length === 0) return null;
  return el(
    'div',
    { class: 'compare-places' },
    ...finding.locations.map((place, index) => placeButton(host, side, place, `${key}-${index}`)),
  );
}
