/** Breadcrumbs of the ranges one has zoomed into, and the order and filter of the lanes. */
import { formatDuration } from '../base/format.ts';
import { watchAll } from './atom.ts';
import { el, fill } from './dom.ts';
import { backTo } from './navigation.ts';
import { type LaneOrder, laneOrder, marked, ranges } from './state.ts';

export function createLaneHead(): HTMLElement {
  const crumbs = el('nav', { class: 'crumbs', 'aria-label': 'Ranges' });
  const order = el(
    'select',
    {
      class: 'plain-select',
      'aria-label': 'Order of lanes',
      'data-keys': 'text',
      title: 'Order of lanes',
    },
    el('option', { value: 'trouble' }, 'worst first'),
    el('option', { value: 'start' }, 'by start'),
    el('option', { value: 'name' }, 'by name'),
  );
  order.value = laneOrder.value;
  order.addEventListener('change', () => laneOrder.set(order.value as LaneOrder));
  const draw = (): void => {
    order.value = laneOrder.value;
    const steps = ranges.value.map((range, index) =>
      el(
        'button',
        {
          type: 'button',
          class: 'link',
          'data-key': `crumb-${index}`,
          'aria-current': index === ranges.value.length - 1 ? 'true' : undefined,
          onclick: () => backTo(index + 1),
        },
        formatDuration(range.to - range.from),
      ),
    );
    crumbs.hidden = steps.length === 0;
    fill(
      crumbs,
      el(
        'button',
        { type: 'button', class: 'link', 'data-key': 'crumb-all', onclick: () => backTo(0) },
        'Whole run',
      ),
      ...steps.flatMap((step) => [' › ', step]),
    );
  };
  watchAll([ranges, laneOrder, marked], draw);
  draw();
  return el(
    'div',
    { class: 'lane-head' },
    el('span', { class: 'lane-head-name' }, 'Lane'),
    order,
    crumbs,
    el('span', { class: 'grow' }),
    el('span', { class: 'lane-head-share' }, 'share of view'),
  );
}
