/** Asks the other side for what depends on the view, the tab and the selection: late enough not to ask while dragging, and only for the last wish. */
import type { FromPanel } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import type { Host } from './host.ts';
import type { Row } from './layout.ts';
import {
  details,
  lanes,
  picked,
  run,
  search,
  showLibrary,
  sort,
  tab,
  toggled,
  view,
} from './state.ts';
import { throttled } from './throttle.ts';

type Kind = 'view' | 'table' | 'select';
interface Asked {
  /** Number of the last request, and of the last answer that was taken. */
  sent: number;
  taken: number;
  sentAt: number;
}
const asked: Record<Kind, Asked> = {
  view: { sent: 0, taken: 0, sentAt: 0 },
  table: { sent: 0, taken: 0, sentAt: 0 },
  select: { sent: 0, taken: 0, sentAt: 0 },
};
let counter = 0;
/** What was to be asked again while an answer was on its way: the last of a run's changes must not go unasked. */
const missed = new Map<Kind, () => void>();

/**
 * Whether an answer is news. Not only the last wish's answer is: when answers come slower than wishes, the one before is
 * better than none.
 */
export function answered(kind: Kind, request: number): boolean {
  if (request <= asked[kind].taken) return false;
  asked[kind].taken = request;
  const again = missed.get(kind);
  if (again !== undefined && request === asked[kind].sent) {
    missed.delete(kind);
    // The answer is applied first.
    queueMicrotask(again);
  }
  return true;
}

/** An answer is on its way, and not for too long. */
function isWaiting(kind: Kind): boolean {
  const { sent, taken, sentAt } = asked[kind];
  return sent > taken && performance.now() - sentAt < PATIENCE_MS;
}

const PATIENCE_MS = 2000;
const VIEW_MS = 60;
const TABLE_MS = 150;
/** While a program runs what is in view changes without being asked: asked again this often. */
const LIVE_MS = 250;

export function startRequests(
  host: Host,
  visibleRows: () => readonly Row[],
  width: () => number,
): void {
  const ask = (kind: Kind, message: (request: number) => FromPanel): void => {
    asked[kind].sent = ++counter;
    asked[kind].sentAt = performance.now();
    host.post(message(counter));
  };
  const askView = (): void => {
    if (lanes.value.length === 0) return;
    const { from, to } = view.value;
    const span = to - from;
    ask('view', (request) => ({
      type: 'view',
      request,
      // A page on each side, so that panning has something to show at once.
      from: from - span,
      to: to + span,
      pixels: Math.round(width() * 3),
      lanes: visibleRows().map((row) => row.lane.id),
      visibleFrom: from,
      visibleTo: to,
    }));
  };
  const askTable = (): void => {
    if (lanes.value.length === 0) return;
    ask('table', (request) => ({
      type: 'table',
      request,
      tab: tab.value,
      from: view.value.from,
      to: view.value.to,
      sort: sort.value,
      search: search.value,
      library: showLibrary.value,
      lane: picked.value?.lane ?? 0,
    }));
  };
  const askSelection = (): void => {
    const at = picked.value;
    if (!at) {
      // Answers still on their way are for what is no longer selected.
      asked.select.sent = asked.select.taken = ++counter;
      details.set(null);
      return;
    }
    ask('select', (request) => ({ type: 'select', request, lane: at.lane, at: at.at }));
  };
  const soonView = throttled(askView, VIEW_MS);
  const soonTable = throttled(askTable, TABLE_MS);
  watchAll([view, toggled, search, showLibrary], soonView);
  document.addEventListener('scroll', soonView, { capture: true, passive: true });
  watchAll([view, search, showLibrary], soonTable);
  watchAll([tab, sort], askTable);
  picked.watch(() => {
    askSelection();
    if (tab.value === 'slices') soonTable();
  });
  let known = 0;
  lanes.watch((all) => {
    if (all.length === known) return;
    known = all.length;
    soonView();
    soonTable();
  });
  const askAgain = (kind: Kind, job: () => void): void => {
    if (isWaiting(kind)) missed.set(kind, job);
    else job();
  };
  const soonLive = throttled(() => {
    askAgain('view', askView);
    askAgain('table', askTable);
    if (picked.value) askAgain('select', askSelection);
  }, LIVE_MS);
  run.watch((now) => {
    if (now) soonLive();
  });
}
