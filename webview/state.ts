/** Everything the panel knows that is not computed: a few atoms. Whatever else is shown follows from these. */
import type {
  Headline,
  Lane,
  LaneId,
  Loss,
  Overview,
  PanelFinding,
  RunInfo,
  Selection,
  SliceState,
  Sort,
  TableData,
  TableId,
} from '../wire/panel.ts';
import { atom } from './atom.ts';
import type { TimeWindow } from './timeScale.ts';

const sameWindow = (one: TimeWindow | null, other: TimeWindow | null): boolean =>
  one?.from === other?.from && one?.to === other?.to;

// What came from the other side.
export const run = atom<RunInfo | null>(null);

/** Nothing but Node runs: there is no GIL to wait for, and promises are not followed as tasks are. */
export function isNodeRun(): boolean {
  const runtimes = run.value?.runtimes ?? [];
  return runtimes.length > 0 && runtimes.every((one) => one === 'node');
}

export const lanes = atom<readonly Lane[]>([]);
export const labels: string[] = [''];
export const overview = atom<Overview | null>(null);
export const findings = atom<readonly PanelFinding[]>([]);
export const losses = atom<readonly Loss[]>([]);
export const headline = atom<Headline | null>(null);
/** Time by state in view, all threads together; counted by the other side when the panel has only what is on screen. */
export const totals = atom<Float64Array | null>(null);
export const table = atom<TableData | null>(null);
export const details = atom<Selection | null>(null);
/** Grows with every message that changed slices or series. */
export const dataVersion = atom(0);
/** False until all that was there at `ready` has come. */
export const caughtUp = atom(false);

// What the reader chose.
export const view = atom<TimeWindow>({ from: 0, to: 1e9 }, sameWindow);
/** A slice, by its lane and a time inside it. */
export interface Picked {
  readonly lane: LaneId;
  readonly at: number;
}
export const picked = atom<Picked | null>(
  null,
  (one, other) => one?.lane === other?.lane && one?.at === other?.at,
);
export const hovered = atom<Picked | null>(
  null,
  (one, other) => one?.lane === other?.lane && one?.at === other?.at,
);
/** Lanes lit up because the pointer or the focus is on a lock. */
export const lit = atom<ReadonlySet<LaneId>>(new Set());
/** Range being marked, and committed ranges, outermost first. */
export const marked = atom<TimeWindow | null>(null, sameWindow);
export const ranges = atom<readonly TimeWindow[]>([]);
export const search = atom('');
export const hiddenStates = atom<ReadonlySet<SliceState>>(new Set());
export const showLibrary = atom(false);
/** Lanes opened or closed against what they are at first. */
export const toggled = atom<ReadonlySet<LaneId>>(new Set());
export type LaneOrder = 'trouble' | 'start' | 'name';
export const laneOrder = atom<LaneOrder>('trouble');
/** The view moves with the end of the run. */
export const following = atom(true);
/** The picture stands still while the program goes on. */
export const paused = atom(false);
export const tab = atom<TableId>('locks');
export const sort = atom<Sort | null>(null);
export type FindingOrder = 'lost' | 'severity' | 'time';
export const findingOrder = atom<FindingOrder>('lost');
export const finding = atom('');
/** What the lower part of a narrow panel shows. */
export type DrawerPart = 'findings' | 'selection' | 'tables';
export const drawer = atom<DrawerPart>('findings');

/** The part of the view that the run fills: after its end nothing is. */
export function inRun(): TimeWindow {
  const { from, to } = view.value;
  return { from, to: Math.max(from, Math.min(to, wholeRun().to)) };
}

/** The run from its first to its last moment. */
export function wholeRun(): TimeWindow {
  return { from: 0, to: Math.max(run.value?.elapsedNs ?? 0, 1e6) };
}

/** The innermost committed range, or the whole run. */
export function committed(): TimeWindow {
  return ranges.value.at(-1) ?? wholeRun();
}

export function laneOf(id: LaneId): Lane | undefined {
  return byId().get(id);
}

let index: { readonly of: readonly Lane[]; readonly lanes: ReadonlyMap<LaneId, Lane> } | undefined;
function byId(): ReadonlyMap<LaneId, Lane> {
  if (index?.of !== lanes.value)
    index = { of: lanes.value, lanes: new Map(lanes.value.map((lane) => [lane.id, lane])) };
  return index.lanes;
}
