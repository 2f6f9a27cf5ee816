/** The top of the compare view: both runs, what can be done, the verdict, and reasons to doubt it. */
import type { CompareCommand, CompareSide, CompareView } from '../../wire/comparePanel.ts';
import { el } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import type { CompareHost } from './host.ts';

const BUTTONS: Readonly<Record<CompareCommand, readonly [IconName, string]>> = {
  swap: ['compare', 'Swap before and after'],
  other: ['search', 'Compare with another…'],
  runAgain: ['again', 'Run again and compare'],
  copyReport: ['copy', 'Copy report'],
  saveReport: ['save', 'Save report…'],
};
const VERDICT_ICONS = { better: 'bulb', worse: 'error', mixed: 'warning', same: 'info' } as const;

export function compareHead(
  host: CompareHost,
  view: CompareView,
  can: readonly CompareCommand[],
): HTMLElement {
  return el(
    'header',
    { class: 'compare-head' },
    el('h1', { class: 'heard' }, `${view.before.title} compared with ${view.after.title}`),
    el(
      'div',
      { class: 'compare-sides' },
      side(host, 'before', view.before),
      icon('right', 'compare-arrow'),
      side(host, 'after', view.after),
      el(
        'div',
        { class: 'compare-buttons', role: 'toolbar', 'aria-label': 'Comparison' },
        ...can.map((command) => {
          const [sign, title] = BUTTONS[command];
          return el(
            'button',
            {
              type: 'button',
              class: 'button',
              'data-key': command,
              onclick: () => host.post({ type: 'command', command }),
            },
            icon(sign),
            title,
          );
        }),
      ),
    ),
    el(
      'div',
      { class: `compare-verdict ${view.verdict}` },
      icon(VERDICT_ICONS[view.verdict]),
      el('p', {}, view.headline ? el('strong', {}, view.headline) : null, ' ', view.summary),
    ),
    view.notes.length > 0
      ? el(
          'ul',
          { class: 'compare-notes' },
          ...view.notes.map((note) => el('li', {}, icon('warning', 'warning'), note)),
        )
      : null,
  );
}

function side(host: CompareHost, which: 'before' | 'after', run: CompareSide): HTMLElement {
  const when =
    run.startedAt > 0
      ? new Date(run.startedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })
      : '';
  return el(
    'section',
    { class: `compare-side ${which}`, 'aria-label': which === 'before' ? 'Before' : 'After' },
    el('span', { class: 'compare-which' }, which === 'before' ? 'Before' : 'After'),
    el(
      'button',
      {
        type: 'button',
        class: 'link compare-title',
        title: `Show this run in its panel: ${run.command}`,
        'data-key': `show-${which}`,
        onclick: () => host.post({ type: 'showRun', side: which, finding: '' }),
      },
      run.title,
    ),
    el('span', { class: 'quiet' }, [when, ...run.facts].filter(Boolean).join(' · ')),
  );
}
