/** Everything one can do to get somewhere: keys, buttons and the pointer all come here. */
import { type LaneId, STATE } from '../wire/panel.ts';
import { announce } from './announce.ts';
import { describeMove, describeSlice } from './describe.ts';
import { sliceAt, slicesOf } from './laneData.ts';
import { rowOf, rows } from './layout.ts';
import {
  committed,
  details,
  drawer,
  finding,
  findings,
  following,
  laneOf,
  lit,
  marked,
  picked,
  ranges,
  run,
  tab,
  toggled,
  view,
  wholeRun,
} from './state.ts';
import { around, clamp, pan, type TimeWindow, zoom } from './timeScale.ts';

/** Set by the timeline: brings a lane's row into sight. */
let reveal: (lane: LaneId) => void = () => undefined;
export function onReveal(how: (lane: LaneId) => void): void {
  reveal = how;
}

export function show(window: TimeWindow): void {
  following.set(false);
  view.set(clamp(window, wholeRun()));
}

export function zoomBy(factor: number, at = (view.value.from + view.value.to) / 2): void {
  const next = zoom(view.value, factor, at, wholeRun());
  // Zooming at the living end of the run keeps following it.
  if (!(following.value && Math.abs(next.to - view.value.to) < (next.to - next.from) * 0.1))
    following.set(false);
  view.set(next);
}

/** Moves by a share of what is visible; beyond the end of a living run it follows again. */
export function panBy(share: number): void {
  const span = view.value.to - view.value.from;
  const whole = wholeRun();
  const next = pan(view.value, share * span, whole);
  following.set(share > 0 && run.value?.state === 'running' && next.to >= whole.to);
  view.set(next);
}

let lastFit = '';

/** First the selection, then the committed range, then the whole run. */
export function fit(): void {
  const slice = pickedSlice();
  const steps: TimeWindow[] = [];
  if (slice) steps.push(around(slice, wholeRun(), 1e4));
  if (ranges.value.length > 0) steps.push(committed());
  steps.push(wholeRun());
  const key = (window: TimeWindow) => `${Math.round(window.from)}-${Math.round(window.to)}`;
  const at = steps.findIndex((step) => key(clamp(step, wholeRun())) === lastFit);
  const next = steps[at + 1] ?? steps[at < 0 ? 0 : steps.length - 1]!;
  show(next);
  lastFit = key(view.value);
  announce(describeMove(view.value));
}

export function pickedSlice(): TimeWindow | undefined {
  const at = picked.value;
  if (!at) return undefined;
  const spans = slicesOf(at.lane);
  const index = sliceAt(at.lane, at.at);
  if (!spans || index < 0) return undefined;
  return { from: spans.start[index]!, to: spans.end[index]! };
}

export function pick(lane: LaneId, at: number): void {
  picked.set({ lane, at });
}

/** Picks a place and makes sure that it can be seen. */
export function goTo(lane: LaneId, at: number): void {
  openParents(lane);
  pick(lane, at);
  const slice = pickedSlice();
  const { from, to } = view.value;
  if (slice && (slice.to < from || slice.from > to || slice.to - slice.from < (to - from) / 200))
    show(around(slice, wholeRun(), 1e5));
  else if (at < from || at > to) show(around({ from: at, to: at }, wholeRun(), to - from));
  reveal(lane);
}

export function moveLane(by: number): void {
  const all = rows();
  if (all.length === 0) return;
  const current = all.findIndex((row) => row.lane.id === picked.value?.lane);
  const next = all[Math.min(all.length - 1, Math.max(0, current < 0 ? 0 : current + by))]!;
  const time = picked.value
    ? Math.min(Math.max(picked.value.at, view.value.from), view.value.to)
    : view.value.from;
  pick(next.lane.id, time);
  reveal(next.lane.id);
  announce(describeSlice(next.lane, time));
}

/** Next or previous slice of the lane; on a heading opens or closes it. */
export function moveSlice(by: 1 | -1): void {
  const at = picked.value;
  const lane = at && laneOf(at.lane);
  if (!at || !lane) {
    moveLane(0);
    return;
  }
  const spans = slicesOf(at.lane);
  if (!spans || spans.length === 0) {
    setOpen(at.lane, by > 0);
    return;
  }
  const here = spans.indexAt(at.at);
  const inside = here >= 0 && spans.end[here]! > at.at;
  const next = by > 0 ? here + 1 : inside ? here - 1 : here;
  if (next < 0 || next >= spans.length) {
    announce(by > 0 ? 'Last slice of this lane.' : 'First slice of this lane.');
    return;
  }
  const middle = (spans.start[next]! + spans.end[next]!) / 2;
  pick(at.lane, middle);
  const { from, to } = view.value;
  if (spans.start[next]! > to || spans.end[next]! < from)
    show(around({ from: middle, to: middle }, wholeRun(), (to - from) / 1.2));
  announce(describeSlice(lane, middle));
}

export function setOpen(id: LaneId, open: boolean): void {
  const lane = laneOf(id);
  const row = rowOf(id);
  if (!lane || !row || row.children === 0) return;
  if (row.open === open) return;
  const next = new Set(toggled.value);
  if (next.has(id)) next.delete(id);
  else next.add(id);
  toggled.set(next);
  announce(`${lane.name} ${open ? 'opened' : 'closed'}`);
}

function openParents(id: LaneId): void {
  const next = new Set(toggled.value);
  for (let lane = laneOf(laneOf(id)?.parent ?? 0); lane; lane = laneOf(lane.parent)) {
    if (lane.collapsed) next.add(lane.id);
    else next.delete(lane.id);
  }
  if (next.size !== toggled.value.size || [...next].some((one) => !toggled.value.has(one)))
    toggled.set(next);
}

/** From who waits to who makes it wait, and from there to who waits for that. */
export function goToBlocker(): void {
  const arrow =
    details.value?.arrows.find((one) => one.kind === 'blockedBy') ?? details.value?.arrows[0];
  if (!arrow) {
    announce('Nothing blocks the selection.');
    return;
  }
  goTo(arrow.toLane, arrow.toNs);
  const lane = laneOf(arrow.toLane);
  if (lane) announce(describeSlice(lane, arrow.toNs));
}

/** Zooms to a finding, opens its lanes and picks its first piece of evidence. */
export function showFinding(id: string): void {
  const found = findings.value.find((one) => one.id === id);
  if (!found) return;
  finding.set(id);
  const first = found.spans[0];
  if (first) {
    const last = found.spans.reduce((most, span) => Math.max(most, span.to), first.to);
    const all = { from: first.from, to: last };
    // Evidence all over the run: go to its longest piece instead of everywhere.
    const longest = found.spans.reduce(
      (one, span) => (span.to - span.from > one.to - one.from ? span : one),
      first,
    );
    show(
      around(
        all.to - all.from > 0.5 * wholeRun().to && found.spans.length > 1 ? longest : all,
        wholeRun(),
        1e6,
      ),
    );
  }
  for (const lane of found.lanes) openParents(lane);
  lit.set(new Set(found.lanes));
  // Of lanes that were not on screen yet there may be no tiles.
  const lane = found.lanes.find((one) => slicesOf(one)) ?? found.lanes[0];
  if (lane !== undefined && first) {
    pick(lane, troubleAt(lane, first));
    reveal(lane);
  }
  announce(`${found.title}. ${found.detail}`);
}

/** A moment inside `span` when the lane is in its worst state. */
function troubleAt(lane: LaneId, span: TimeWindow): number {
  const spans = slicesOf(lane);
  if (!spans) return span.from;
  let best = (span.from + span.to) / 2;
  let worst = -1;
  const last = Math.min(spans.length, spans.firstStartingFrom(span.to, 0));
  for (
    let index = Math.max(0, spans.firstEndingAfter(span.from)), steps = 0;
    index < last && steps < 5000;
    index++, steps++
  ) {
    const state = spans.state[index]!;
    if (state > STATE.deadlocked || state <= worst) continue;
    worst = state;
    best = (Math.max(spans.start[index]!, span.from) + Math.min(spans.end[index]!, span.to)) / 2;
  }
  return best;
}

export function nextFinding(by: 1 | -1, order: readonly { readonly id: string }[]): void {
  if (order.length === 0) {
    announce('No findings.');
    return;
  }
  const at = order.findIndex((one) => one.id === finding.value);
  const next = order[(at + by + order.length) % order.length] ?? order[0]!;
  showFinding(next.id);
}

/** Marks the selection, or what is visible, as a range. */
export function markRange(): void {
  const slice = pickedSlice();
  marked.set(marked.value ? null : (slice ?? { ...view.value }));
  announce(marked.value ? `Range marked: ${describeMove(marked.value)}` : 'Range cleared');
}

/** Zooms into the marked range and keeps it as a breadcrumb: tables and totals are for it. */
export function commitRange(): void {
  const range = marked.value ?? pickedSlice() ?? view.value;
  ranges.set([...ranges.value, { from: range.from, to: range.to }]);
  marked.set(null);
  show(range);
  announce(`Range ${describeMove(range)}`);
}

/** Back to breadcrumb `depth`; 0 is the whole run. */
export function backTo(depth: number): void {
  ranges.set(ranges.value.slice(0, depth));
  show(committed());
}

export function stepBack(): void {
  if (marked.value) marked.set(null);
  else if (ranges.value.length > 0) backTo(ranges.value.length - 1);
  else if (picked.value) {
    picked.set(null);
    lit.set(new Set());
    finding.set('');
  }
}

/** Opens the table of slices of the picked lane: the twin of its drawing. */
export function listSlices(): void {
  drawer.set('tables');
  tab.set('slices');
}
