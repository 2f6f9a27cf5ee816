/** What comes from the other side goes into the atoms here, and nowhere else. */
import { assertNever } from '../base/assert.ts';
import type { ToPanel } from '../wire/panel.ts';
import { addSlices, buildLevels, forgetAll, setSeries } from './laneData.ts';
import { showFinding } from './navigation.ts';
import { answered } from './requests.ts';
import {
  caughtUp,
  dataVersion,
  details,
  findings,
  following,
  headline,
  labels,
  lanes,
  losses,
  overview,
  paused,
  run,
  table,
  totals,
  view,
  wholeRun,
} from './state.ts';
import { throttled } from './throttle.ts';

/** Chunks come faster after each other. */
const LEVELS_MS = 50;

/** A lane that grows would need new levels all the time. */
const soonLevels = throttled(() => {
  if (run.value?.state !== 'running') buildLevels();
}, LEVELS_MS);

/** While the picture is paused the program's messages wait here. */
const waiting: ToPanel[] = [];
let wanted = '';
/** Only what is on screen is sent. */
let tiles = false;

export function take(message: ToPanel): void {
  if (paused.value && isLive(message)) {
    waiting.push(message);
    return;
  }
  apply(message);
}

export function goOn(): void {
  for (const message of waiting.splice(0)) apply(message);
}

export function startOver(): void {
  waiting.length = 0;
  tiles = false;
  forgetAll();
}

function isLive(message: ToPanel): boolean {
  return (
    message.type !== 'selection' &&
    message.type !== 'table' &&
    message.type !== 'series' &&
    message.type !== 'reveal'
  );
}

function apply(message: ToPanel): void {
  switch (message.type) {
    case 'run': {
      const first = run.value === null || run.value.elapsedNs === 0;
      run.set(message.run);
      follow(first);
      soonLevels();
      return;
    }
    case 'lanes':
      lanes.set(message.lanes);
      return;
    case 'labels':
      message.labels.forEach((label, index) => {
        labels[message.first + index] = label;
      });
      return;
    case 'overview':
      overview.set(message.overview);
      return;
    case 'slices':
      addSlices(message.parts, message.columns);
      tiles = message.mode === 'tile';
      dataVersion.set(dataVersion.value + 1);
      // Tiles are few, and made anew for each view.
      if (message.mode === 'complete') soonLevels();
      return;
    case 'caughtUp':
      caughtUp.set(true);
      return;
    case 'findings':
      findings.set(message.findings);
      if (wanted) reveal(wanted);
      return;
    case 'losses':
      losses.set(message.losses);
      return;
    case 'series':
      if (!answered('view', message.request)) return;
      setSeries(message.series);
      headline.set(message.headline);
      totals.set(tiles ? message.totals : null);
      dataVersion.set(dataVersion.value + 1);
      return;
    case 'table':
      if (answered('table', message.request)) table.set(message.table);
      return;
    case 'selection':
      if (answered('select', message.request)) details.set(message.selection);
      return;
    case 'reveal':
      reveal(message.finding);
      return;
    default:
      assertNever(message);
  }
}

/** The finding may be revealed before it has come. */
function reveal(id: string): void {
  const known = findings.value.some((one) => one.id === id);
  wanted = known ? '' : id;
  if (known) showFinding(id);
}

/** A living run's end is kept in view; a new run is shown whole until it is long. */
function follow(first: boolean): void {
  const whole = wholeRun();
  // A program takes a while to begin: nothing is there to be seen before.
  const begin = lanes.value.reduce((least, lane) => Math.min(least, lane.from), whole.to);
  const from = lanes.value.length > 0 ? Math.max(0, begin - (whole.to - begin) * 0.02) : 0;
  if (first && following.value) {
    view.set({ from, to: whole.to * 1.02 });
    return;
  }
  if (!following.value || run.value?.state === 'loading') return;
  const span = Math.min(Math.max(view.value.to - view.value.from, 2e9), LIVE_VIEW_NS);
  view.set(
    whole.to * 1.02 <= LIVE_VIEW_NS || run.value?.state !== 'running'
      ? { from, to: whole.to * 1.02 }
      : { from: whole.to + span * 0.02 - span, to: whole.to + span * 0.02 },
  );
}

/** While a run is followed no more than this is in view, so that something moves. */
const LIVE_VIEW_NS = 10e9;
