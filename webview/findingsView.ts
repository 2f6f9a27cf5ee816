/** The findings, those that cost most first, each with when it happened; a click zooms to the evidence. */
import { formatDuration, unbroken } from '../base/format.ts';
import type { PanelFinding } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { splitAdvice } from './banner.ts';
import { el, fill, svg } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';
import { showFinding } from './navigation.ts';
import { sourceButton } from './source.ts';
import {
  type FindingOrder,
  finding,
  findingOrder,
  findings,
  run,
  search,
  wholeRun,
} from './state.ts';

const RANK = { error: 0, warning: 1, info: 2 };

export function orderedFindings(): readonly PanelFinding[] {
  const wanted = search.value.trim().toLowerCase();
  const fits = (one: PanelFinding) =>
    wanted === '' ||
    `${one.title} ${one.detail} ${one.rule} ${one.locations.map((at) => at.file).join(' ')}`
      .toLowerCase()
      .includes(wanted);
  const compare: Record<FindingOrder, (one: PanelFinding, other: PanelFinding) => number> = {
    // Errors first in every order: they end the program's work, whatever they cost so far.
    lost: (one, other) => errorsFirst(one, other) || other.lostNs - one.lostNs,
    severity: (one, other) =>
      RANK[one.severity] - RANK[other.severity] || other.lostNs - one.lostNs,
    time: (one, other) => (one.spans[0]?.from ?? 0) - (other.spans[0]?.from ?? 0),
  };
  return findings.value.filter(fits).sort(compare[findingOrder.value]);
}

function errorsFirst(one: PanelFinding, other: PanelFinding): number {
  return Number(other.severity === 'error') - Number(one.severity === 'error');
}

export function createFindings(host: Host): HTMLElement {
  const count = el('span', { class: 'count' });
  const order = el(
    'select',
    { class: 'plain-select', 'aria-label': 'Order of findings', 'data-keys': 'text' },
    el('option', { value: 'lost' }, 'by time lost'),
    el('option', { value: 'severity' }, 'by severity'),
    el('option', { value: 'time' }, 'by time'),
  );
  order.value = findingOrder.value;
  order.addEventListener('change', () => findingOrder.set(order.value as FindingOrder));
  const list = el('div', { class: 'finding-list', tabindex: -1 });
  let shown = '';
  const draw = (): void => {
    const all = orderedFindings();
    order.value = findingOrder.value;
    const key = JSON.stringify([
      all.map((one) => [
        one.id,
        one.title,
        one.detail,
        Math.round(one.lostNs / 1e8),
        one.spans.length,
      ]),
      finding.value,
      run.value?.state,
      Math.round((run.value?.elapsedNs ?? 0) / 1e9),
    ]);
    if (key === shown) return;
    shown = key;
    if (all.length > 0) list.setAttribute('role', 'list');
    else list.removeAttribute('role');
    count.textContent = String(all.length);
    fill(
      list,
      ...(all.length > 0
        ? all.map((one) => card(host, one))
        : [el('p', { class: 'quiet nothing' }, nothing())]),
    );
  };
  watchAll([findings, findingOrder, finding, run, search], draw);
  draw();
  return el(
    'section',
    { class: 'findings', 'aria-label': 'Findings' },
    el(
      'div',
      { class: 'side-head' },
      el('h2', {}, 'Findings'),
      count,
      el('span', { class: 'grow' }),
      order,
    ),
    list,
  );
}

function nothing(): string {
  const now = run.value;
  if (search.value) return `No finding matches “${search.value}”.`;
  switch (now?.state) {
    case 'running':
    case 'ending':
      return 'Nothing found so far.';
    case 'loading':
    case 'empty':
    case undefined:
      return '';
    default:
      // Of a program that failed at once nobody wants to hear how well it did.
      return now?.endedBadly
        ? `Nothing was found in the ${formatDuration(now.elapsedNs)} until the end. ${now.message}`
        : 'Nothing found: no deadlock, no fought-over lock, no blocked loop in this run.';
  }
}

function card(host: Host, found: PanelFinding): HTMLElement {
  const chosen = finding.value === found.id;
  const { fact } = splitAdvice(found.detail);
  return el(
    'div',
    { class: `finding ${found.severity}${chosen ? ' chosen' : ''}`, role: 'listitem' },
    icon(found.severity, found.severity),
    el(
      'div',
      { class: 'finding-body' },
      el(
        'div',
        { class: 'spread' },
        el(
          'button',
          {
            type: 'button',
            class: 'finding-title',
            'data-key': `finding-${found.id}`,
            'aria-pressed': String(chosen),
            title: found.detail,
            onclick: () => showFinding(found.id),
          },
          el('span', { class: 'heard' }, `${found.severity}: `),
          unbroken(found.title),
        ),
        found.lostNs > 0
          ? el(
              'span',
              { class: 'quiet nowrap', title: 'Time lost, all threads and tasks together' },
              formatDuration(found.lostNs),
            )
          : null,
      ),
      el('p', { class: 'finding-detail' }, unbroken(fact)),
      el(
        'div',
        { class: 'finding-foot' },
        ...found.locations.slice(0, 2).map((location) => sourceButton(host, location)),
        spark(found),
      ),
    ),
  );
}

const SPARK_WIDTH = 200;

/** When it happened, over the whole run. */
function spark(found: PanelFinding): SVGElement {
  const whole = wholeRun();
  const length = whole.to - whole.from;
  const marks = found.spans.slice(0, 200).map((span) => {
    const x = ((span.from - whole.from) / length) * SPARK_WIDTH;
    const width = Math.max(2.5, ((span.to - span.from) / length) * SPARK_WIDTH);
    return svg('rect', { x: Math.min(x, SPARK_WIDTH - 2.5), y: 0, width, height: 8 });
  });
  return svg(
    'svg',
    {
      class: `spark ${found.severity}`,
      viewBox: `0 0 ${SPARK_WIDTH} 8`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    ...marks,
  );
}
