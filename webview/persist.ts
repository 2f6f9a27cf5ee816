/** What the reader chose survives hiding the panel and reloading the window. */
import { SLICE_STATES, type SliceState, type TableId } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import type { Host } from './host.ts';
import {
  type FindingOrder,
  findingOrder,
  following,
  hiddenStates,
  type LaneOrder,
  laneOrder,
  picked,
  ranges,
  search,
  showLibrary,
  sort,
  tab,
  toggled,
  view,
} from './state.ts';
import { throttled } from './throttle.ts';

const SAVE_MS = 250;
const VERSION = 1;

export function persist(host: Host): void {
  const recording = document.querySelector<HTMLMetaElement>('meta[name=recording]');
  const save = throttled(() => {
    host.save({
      version: VERSION,
      recording: recording?.content,
      view: view.value,
      following: following.value,
      picked: picked.value,
      ranges: ranges.value,
      search: search.value,
      hiddenStates: [...hiddenStates.value],
      showLibrary: showLibrary.value,
      toggled: [...toggled.value],
      laneOrder: laneOrder.value,
      findingOrder: findingOrder.value,
      tab: tab.value,
      sort: sort.value,
    });
  }, SAVE_MS);
  watchAll(
    [
      view,
      following,
      picked,
      ranges,
      search,
      hiddenStates,
      showLibrary,
      toggled,
      laneOrder,
      findingOrder,
      tab,
      sort,
    ],
    save,
  );
  save();
}

/** Takes back what was saved; anything that does not look right is left as it is. */
export function restore(saved: unknown): void {
  if (!isRecord(saved) || saved.version !== VERSION) return;
  if (isWindow(saved.view) && saved.following === false) {
    view.set(saved.view);
    following.set(false);
  }
  if (
    isRecord(saved.picked) &&
    typeof saved.picked.lane === 'number' &&
    typeof saved.picked.at === 'number'
  )
    picked.set({ lane: saved.picked.lane, at: saved.picked.at });
  if (Array.isArray(saved.ranges)) ranges.set(saved.ranges.filter(isWindow));
  if (typeof saved.search === 'string') search.set(saved.search);
  if (Array.isArray(saved.hiddenStates))
    hiddenStates.set(
      new Set(
        saved.hiddenStates.filter((one): one is SliceState =>
          SLICE_STATES.includes(one as SliceState),
        ),
      ),
    );
  if (typeof saved.showLibrary === 'boolean') showLibrary.set(saved.showLibrary);
  if (Array.isArray(saved.toggled))
    toggled.set(new Set(saved.toggled.filter((one) => typeof one === 'number')));
  if (['trouble', 'start', 'name'].includes(saved.laneOrder as string))
    laneOrder.set(saved.laneOrder as LaneOrder);
  if (['lost', 'severity', 'time'].includes(saved.findingOrder as string))
    findingOrder.set(saved.findingOrder as FindingOrder);
  if (typeof saved.tab === 'string') tab.set(saved.tab as TableId);
  if (isRecord(saved.sort) && typeof saved.sort.column === 'string')
    sort.set({ column: saved.sort.column, descending: saved.sort.descending === true });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isWindow(value: unknown): value is { from: number; to: number } {
  return (
    isRecord(value) &&
    typeof value.from === 'number' &&
    typeof value.to === 'number' &&
    value.to > value.from
  );
}
