/** The names beside the lanes, and the lanes for whoever cannot see them: a treegrid, only the visible rows of which exist. */
import { formatShare } from '../base/format.ts';
import { type Lane, SLICE_STATES, STATE } from '../wire/panel.ts';
import { describeSlice, STATE_TITLES } from './describe.ts';
import { el, setText } from './dom.ts';
import { icon, laneIcon } from './icons.ts';
import { timeByState } from './laneData.ts';
import { type Row, rows } from './layout.ts';
import { setOpen } from './navigation.ts';
import { dataVersion, details, hovered, laneOf, lit, picked, view } from './state.ts';
import { throttled } from './throttle.ts';

export interface LaneGrid {
  readonly element: HTMLElement;
  /** Shows the rows between two heights. */
  draw(top: number, height: number): void;
}

interface Cells {
  readonly element: HTMLElement;
  readonly share: HTMLElement;
  readonly slice: HTMLElement;
  key: string;
  sliceKey: string;
  shareKey: string;
}

/** Rows above and below the visible ones that exist too, so that scrolling shows no gaps. */
const MARGIN_PX = 60;
/** Longer names are cut in their middle. */
const SHORT_NAME = 8;
const LONG_NAME = 16;
/** Of both, so much of the end stays: `Acc…k #2`. */
const SHORT_END = 4;
const NAME_END = 6;
const SETTLE_MS = 120;

export function laneGrid(): LaneGrid {
  const body = el('div', { class: 'lane-rows', role: 'rowgroup' });
  const element = el(
    'div',
    {
      class: 'lane-grid',
      role: 'treegrid',
      tabindex: 0,
      'aria-label': 'Lanes. Up and down choose a lane, left and right a slice.',
      'aria-colcount': 3,
      'data-keys': 'lanes',
    },
    el(
      'div',
      { role: 'rowgroup', class: 'heard' },
      el(
        'div',
        { role: 'row' },
        el('span', { role: 'columnheader' }, 'Lane'),
        el('span', { role: 'columnheader' }, 'Share of view'),
        el('span', { role: 'columnheader' }, 'Slice at the selected time'),
      ),
    ),
    body,
  );
  const cells = new Map<number, Cells>();
  element.addEventListener('click', (event) => {
    const target = event.target as Element;
    const id = Number(target.closest('[data-lane]')?.getAttribute('data-lane'));
    if (!id) return;
    const row = rows().find((one) => one.lane.id === id);
    if (row && row.children > 0) setOpen(id, !row.open);
    picked.set({ lane: id, at: picked.value?.lane === id ? picked.value.at : view.value.from });
  });
  element.addEventListener('pointerover', (event) => {
    const id = Number((event.target as Element).closest('[data-lane]')?.getAttribute('data-lane'));
    const lane = rows().find((one) => one.lane.id === id)?.lane;
    if (lane?.kind === 'lock' || lane?.kind === 'semaphore') lit.set(new Set([id]));
    hovered.set(null);
  });

  // Shares follow the view, but not every frame of a drag: they are elements, not pixels.
  const settle = throttled(() => {
    for (const [id, one] of cells) {
      const lane = laneOf(id);
      if (lane?.content === 'slices') drawShare(one, lane);
    }
  }, SETTLE_MS);
  let drawn: readonly unknown[] = [];
  return {
    element,
    draw(top, height) {
      settle();
      // Moving in time changes nothing here.
      const key = [
        rows(),
        top,
        height,
        picked.value,
        lit.value,
        details.value,
        picked.value && dataVersion.value,
      ];
      if (key.every((part, at) => part === drawn[at])) return;
      drawn = key;
      element.setAttribute('aria-rowcount', String(rows().length + 1));
      const shown = new Set<number>();
      rows().forEach((row, index) => {
        if (row.top > top + height + MARGIN_PX || row.top + row.height < top - MARGIN_PX) return;
        shown.add(row.lane.id);
        let one = cells.get(row.lane.id);
        const key = keyOf(row);
        if (!one || one.key !== key) {
          const fresh = makeRow(row, key);
          if (one) one.element.replaceWith(fresh.element);
          else body.append(fresh.element);
          one = fresh;
          cells.set(row.lane.id, one);
        }
        update(one, row, index);
      });
      for (const [id, one] of cells) {
        if (shown.has(id)) continue;
        one.element.remove();
        cells.delete(id);
      }
      const active = picked.value && cells.get(picked.value.lane);
      if (active) element.setAttribute('aria-activedescendant', active.element.id);
      else element.removeAttribute('aria-activedescendant');
    },
  };
}

/** Everything that makes a row look different, but not where it is. */
function keyOf(row: Row): string {
  const { lane } = row;
  return [
    lane.name,
    lane.note,
    lane.badge?.text,
    row.open,
    row.depth,
    row.children > 0,
    lane.to === null,
  ].join('|');
}

function makeRow(row: Row, key: string): Cells {
  const { lane } = row;
  const share = el('span', { class: 'share', role: 'gridcell' });
  const slice = el('span', { class: 'heard', role: 'gridcell' });
  const heading = lane.content === 'none' && row.depth === 0;
  const name = el(
    'span',
    { class: 'lane-name', role: 'gridcell' },
    row.children > 0
      ? icon(row.open ? 'chevronDown' : 'chevronRight', 'twistie')
      : el('span', { class: 'twistie' }),
    heading ? null : laneMark(lane),
    el(
      'span',
      { class: `lane-text${lane.content === 'line' ? ' stacked' : ''}` },
      laneTitle(lane),
      lane.note && lane.kind !== 'lock' ? el('span', { class: 'lane-note' }, lane.note) : null,
    ),
    lane.badge
      ? el(
          'span',
          { class: `badge ${lane.badge.severity}`, title: lane.badge.text },
          icon(lane.badge.severity, lane.badge.severity),
          el('span', { class: 'badge-text' }, lane.badge.text),
        )
      : lane.kind === 'lock' && lane.note
        ? el('span', { class: 'badge info' }, lane.note)
        : null,
  );
  const element = el(
    'div',
    {
      role: 'row',
      id: `lane-${lane.id}`,
      'data-lane': lane.id,
      'aria-level': row.depth + 1,
      class: `lane-row kind-${lane.kind}${heading ? ' heading' : ''}${lane.to === null ? '' : ' ended'}`,
      title: [lane.name, lane.note].filter(Boolean).join(' · '),
    },
    name,
    share,
    slice,
  );
  element.style.setProperty('--depth', String(row.depth));
  element.style.height = `${row.height}px`;
  if (row.children > 0) element.setAttribute('aria-expanded', String(row.open));
  return { element, share, slice, key, sliceKey: '', shareKey: '' };
}

function laneMark(lane: Lane): Element {
  if (lane.color > 0 && ['thread', 'worker', 'waiter'].includes(lane.kind))
    return el('span', { class: `swatch actor-${lane.color}` });
  return laneIcon(lane.kind);
}

function isCode(kind: Lane['kind']): boolean {
  return ![
    'process',
    'threads',
    'pool',
    'locks',
    'lag',
    'poolSeries',
    'pendingTasks',
    'gil',
    'probe',
  ].includes(kind);
}

function update(one: Cells, row: Row, index: number): void {
  const { lane } = row;
  one.element.style.transform = `translateY(${row.top}px)`;
  one.element.setAttribute('aria-rowindex', String(index + 2));
  const isPicked = picked.value?.lane === lane.id;
  one.element.setAttribute('aria-selected', String(isPicked));
  one.element.classList.toggle('lit', lit.value.has(lane.id));
  const sliceKey = isPicked
    ? `${picked.value?.at}|${dataVersion.value}|${details.value?.sentence}`
    : '';
  if (sliceKey !== one.sliceKey) {
    one.sliceKey = sliceKey;
    setText(
      one.slice,
      isPicked && picked.value
        ? details.value?.lane === lane.id
          ? details.value.sentence
          : describeSlice(lane, picked.value.at)
        : '',
    );
  }
}

const times = new Float64Array(SLICE_STATES.length);
const SHARE_ORDER = [
  STATE.running,
  STATE.blocksLoop,
  STATE.gil,
  STATE.deadlocked,
  STATE.lock,
  STATE.io,
  STATE.waiting,
  STATE.unknown,
];

/** A bar of the lane's states in the view, as wide as their share; redone only when a pixel would change. */
function drawShare(one: Cells, lane: Lane): void {
  const { from, to } = view.value;
  timeByState(lane.id, from, to, times);
  const parts = SHARE_ORDER.map((state) => ({
    state,
    share: Math.min(1, times[state]! / (to - from)),
  }));
  const key = parts.map(({ share }) => Math.round(share * 50)).join();
  if (key === one.shareKey) return;
  one.shareKey = key;
  const said = parts.filter(({ share }) => share >= 0.005);
  const bar = el('span', { class: 'share-bar' });
  for (const { state, share } of said) {
    const piece = el('span', { class: `state-${SLICE_STATES[state]}` });
    piece.style.width = `${share * 100}%`;
    bar.append(piece);
  }
  const words =
    said.map(({ state, share }) => `${STATE_TITLES[state]} ${formatShare(share)}`).join(', ') ||
    'idle';
  one.share.replaceChildren(bar, el('span', { class: 'heard' }, words));
  one.share.title = words;
}

/** Names of a family differ at their ends: where there is no room the middle is left out. */
function laneTitle({ name, kind }: Lane): HTMLElement {
  const className = isCode(kind) ? 'lane-title code' : 'lane-title';
  // Of Python's own names for threads the number is what differs: `Thread-17 (work)`.
  if (name.length <= SHORT_NAME || /^Thread-\d+ \(/.test(name))
    return el('span', { class: className }, name);
  const end = name.length <= LONG_NAME ? SHORT_END : NAME_END;
  const title = el(
    'span',
    { class: className },
    el('span', {}, name.slice(0, -end)),
    el('span', {}, name.slice(-end)),
  );
  title.style.setProperty('--end', String(end));
  return title;
}
