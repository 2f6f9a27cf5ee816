/** Which lanes are rows now, in which order, how deep and where: follows from lanes, filters and what is opened. */
import type { Lane, LaneId } from '../wire/panel.ts';
import { laneOrder, lanes, search, showLibrary, toggled } from './state.ts';
import { heightOf } from './tracks.ts';

export interface Row {
  readonly lane: Lane;
  readonly depth: number;
  /** CSS pixels from the top of the first lane. */
  readonly top: number;
  readonly height: number;
  readonly children: number;
  readonly open: boolean;
}

let cached: { readonly key: readonly unknown[]; readonly rows: readonly Row[] } | undefined;

export function rows(): readonly Row[] {
  const key = [lanes.value, search.value, showLibrary.value, toggled.value, laneOrder.value];
  if (cached?.key.every((part, index) => part === key[index])) return cached.rows;
  cached = { key, rows: layOut() };
  return cached.rows;
}

export function totalHeight(): number {
  const last = rows().at(-1);
  return last ? last.top + last.height : 0;
}

/** The row at a height, or undefined below the last one. */
export function rowAt(y: number): Row | undefined {
  const all = rows();
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = all[middle]!;
    if (row.top + row.height <= y) low = middle + 1;
    else high = middle;
  }
  const row = all[low];
  return row && y >= row.top ? row : undefined;
}

export function rowOf(lane: LaneId): Row | undefined {
  return rows().find((row) => row.lane.id === lane);
}

/** Rows between two heights. */
export function rowsBetween(top: number, bottom: number): readonly Row[] {
  return rows().filter((row) => row.top < bottom && row.top + row.height > top);
}

function layOut(): Row[] {
  const children = childrenOf(lanes.value);
  const wanted = search.value.trim().toLowerCase();
  const matching = wanted === '' ? undefined : matchesOf(children, wanted);
  const result: Row[] = [];
  let top = 0;
  const visit = (lane: Lane, depth: number): void => {
    if (lane.library && !showLibrary.value && wanted === '') return;
    if (matching && !matching.has(lane.id)) return;
    const below = children.get(lane.id) ?? [];
    const shown = showLibrary.value ? below : below.filter((child) => !child.library);
    const open = matching !== undefined || lane.collapsed === toggled.value.has(lane.id);
    const height = heightOf(lane);
    result.push({ lane, depth, top, height, children: shown.length, open });
    top += height;
    if (open) for (const child of sorted(below)) visit(child, depth + 1);
  };
  for (const lane of sorted(children.get(0) ?? [])) visit(lane, 0);
  return result;
}

function childrenOf(all: readonly Lane[]): Map<LaneId, Lane[]> {
  const found = new Map<LaneId, Lane[]>();
  for (const lane of all) {
    const siblings = found.get(lane.parent);
    if (siblings) siblings.push(lane);
    else found.set(lane.parent, [lane]);
  }
  return found;
}

/** Lanes whose name fits, with all that is above and below them. */
function matchesOf(children: ReadonlyMap<LaneId, readonly Lane[]>, wanted: string): Set<LaneId> {
  const found = new Set<LaneId>();
  const visit = (lane: Lane, inside: boolean): boolean => {
    const fits = inside || `${lane.name} ${lane.note}`.toLowerCase().includes(wanted);
    let any = fits;
    for (const child of children.get(lane.id) ?? []) any = visit(child, fits) || any;
    if (any) found.add(lane.id);
    return any;
  };
  for (const lane of children.get(0) ?? []) visit(lane, false);
  return found;
}

/** Lanes come worst first; series stay on top of their group whatever the order. */
function sorted(siblings: readonly Lane[]): readonly Lane[] {
  const order = laneOrder.value;
  if (order === 'trouble') return siblings;
  const rank = (lane: Lane): number =>
    lane.content === 'slices' || lane.content === 'lock' ? 1 : 0;
  return [...siblings].sort((one, other) => {
    const ranks = rank(one) - rank(other);
    if (ranks !== 0 || rank(one) === 0) return ranks;
    return order === 'start'
      ? one.from - other.from
      : one.name.localeCompare(other.name, undefined, { numeric: true });
  });
}
