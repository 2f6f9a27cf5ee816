/** The four numbers one looks at first, for the visible range. */
import { formatCount, formatDuration } from '../base/format.ts';
import { el, fill } from './dom.ts';
import { headline } from './state.ts';

/** From here on a number is shown in the colour of trouble. */
const MUCH_WAITING = 0.2;
const MUCH_LAG_NS = 100e6;

export function createHeadline(): HTMLElement {
  const element = el('dl', { class: 'headline', 'aria-label': 'In view' });
  const draw = (): void => {
    const now = headline.value;
    const lag = now?.lag ? formatDuration(now.lag.p99).split(' ') : undefined;
    fill(
      element,
      number(
        now?.cores ? now.cores.used.toFixed(1) : '–',
        now?.cores ? `of ${now.cores.of}` : '',
        'cores kept busy',
        'CPU time that all threads used, by the time in view',
        false,
      ),
      number(
        now?.lockWaitShare == null ? '–' : `${Math.round(now.lockWaitShare * 100)} %`,
        '',
        'in lock waits',
        'Of the time that threads lived in view, what they waited for locks',
        (now?.lockWaitShare ?? 0) >= MUCH_WAITING,
      ),
      number(
        lag?.[0] ?? '–',
        lag?.[1] ?? '',
        'event-loop lag p99',
        'How late event loops came to what was due: the worst of each tenth of a second, and of these the 99th percentile',
        (now?.lag?.p99 ?? 0) >= MUCH_LAG_NS,
      ),
      number(
        now?.pool ? formatCount(Math.round(now.pool.busy)) : '–',
        now?.pool ? `/ ${now.pool.of}` : '',
        now?.pool ? `pool busy, ${formatCount(now.pool.queued)} queued` : 'pool busy',
        'Workers that run something at the end of the view, of all that the pools may have, and what waits for one',
        (now?.pool?.queued ?? 0) > (now?.pool?.of ?? 0) * 2,
      ),
    );
  };
  headline.watch(draw);
  draw();
  return element;
}

function number(
  value: string,
  of: string,
  label: string,
  title: string,
  trouble: boolean,
): HTMLElement {
  return el(
    'div',
    { title },
    el('dt', {}, label),
    el(
      'dd',
      {},
      el('b', { class: trouble ? 'trouble' : '' }, value),
      of ? el('span', { class: 'quiet' }, ` ${of}`) : null,
    ),
  );
}
