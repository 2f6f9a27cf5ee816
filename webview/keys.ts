/** The keyboard: one table of keys by physical position, used by the listener, the footer and the help. */

import { announce } from './announce.ts';
import { orderedFindings } from './findingsView.ts';
import type { Host } from './host.ts';
import {
  backTo,
  commitRange,
  fit,
  goToBlocker,
  listSlices,
  markRange,
  moveLane,
  moveSlice,
  nextFinding,
  panBy,
  pickedSlice,
  setOpen,
  stepBack,
  zoomBy,
} from './navigation.ts';
import { details, following, paused, picked, run, showLibrary } from './state.ts';

export interface Key {
  /** `KeyboardEvent.code`: the same place on every keyboard layout. */
  readonly codes: readonly string[];
  /** What is printed on the key caps of the footer and the help. */
  readonly caps: readonly string[];
  readonly title: string;
  /** Shown in the footer. */
  readonly short?: string;
  run(event: KeyboardEvent): void;
}

/** Panning and zooming go in steps of this share of the view; with Shift finer. */
const PAN = 0.2;
const ZOOM = 0.7;

export function keyTable(host: Host, showHelp: () => void): readonly Key[] {
  const sign = (event: KeyboardEvent, positive: string): 1 | -1 =>
    event.code === positive ? 1 : -1;
  const fine = (event: KeyboardEvent): number => (event.shiftKey ? 0.25 : 1);
  return [
    {
      codes: ['KeyW', 'KeyS'],
      caps: ['W', 'S'],
      title: 'Zoom in and out, around the selection (Shift: finer)',
      short: 'zoom',
      run: (event) => {
        const factor = 1 - (1 - ZOOM) * fine(event);
        zoomBy(event.code === 'KeyW' ? factor : 1 / factor, zoomCentre());
      },
    },
    {
      codes: ['KeyA', 'KeyD'],
      caps: ['A', 'D'],
      title: 'Move the view left and right (Shift: finer)',
      short: 'pan',
      run: (event) => panBy(PAN * fine(event) * sign(event, 'KeyD')),
    },
    {
      codes: ['ArrowUp', 'ArrowDown'],
      caps: ['↑', '↓'],
      title: 'Previous and next lane',
      short: 'lane',
      run: (event) => moveLane(sign(event, 'ArrowDown')),
    },
    {
      codes: ['ArrowLeft', 'ArrowRight'],
      caps: ['←', '→'],
      title: 'Previous and next slice of the lane; on a heading close and open it',
      short: 'slice',
      run: (event) => moveSlice(sign(event, 'ArrowRight')),
    },
    {
      codes: ['KeyF'],
      caps: ['F'],
      title: 'Fit the selection; again: the range; again: the whole run',
      short: 'fit selection',
      run: fit,
    },
    {
      codes: ['KeyB'],
      caps: ['B'],
      title: 'Go to what blocks the selection, and back',
      short: 'go to blocker',
      run: goToBlocker,
    },
    {
      codes: ['KeyN'],
      caps: ['N'],
      title: 'Next finding (Shift: previous)',
      short: 'next finding',
      run: (event) => nextFinding(event.shiftKey ? -1 : 1, orderedFindings()),
    },
    {
      codes: ['KeyM'],
      caps: ['M'],
      title: 'Mark the selection or the view as a range, and measure it',
      short: 'mark range',
      run: markRange,
    },
    {
      codes: ['KeyR'],
      caps: ['R'],
      title: 'Zoom into the marked range and keep it: tables are for it',
      run: commitRange,
    },
    {
      codes: ['KeyL'],
      caps: ['L'],
      title: 'Show or hide what library code made',
      run: () => {
        showLibrary.set(!showLibrary.value);
        announce(showLibrary.value ? 'Library shown' : 'Library hidden');
      },
    },
    { codes: ['Backspace'], caps: ['⌫'], title: 'Back to the whole run', run: () => backTo(0) },
    {
      codes: ['Enter', 'Space'],
      caps: ['Enter'],
      title: 'Open or close a group; list the slices of a lane',
      run: toggleOrList,
    },
    {
      codes: ['Slash'],
      caps: ['/'],
      title: 'Find a task, lock or function',
      run: () => document.querySelector<HTMLInputElement>('.search')?.focus(),
    },
    {
      codes: ['KeyP'],
      caps: ['P'],
      title: 'Pause or go on with the live picture',
      run: () => run.value?.state === 'running' && paused.set(!paused.value),
    },
    {
      codes: ['End'],
      caps: ['End'],
      title: 'Follow the end of the run',
      run: () => {
        paused.set(false);
        following.set(true);
        panBy(1e9);
      },
    },
    {
      codes: ['Escape'],
      caps: ['Esc'],
      title: 'Step back: clear the mark, leave the range, clear the selection',
      run: stepBack,
    },
    { codes: [], caps: ['?'], title: 'All keys', short: 'all keys', run: showHelp },
    {
      codes: ['KeyO'],
      caps: ['O'],
      title: 'Open the source line of the selection',
      run: () => openSelected(host),
    },
  ];
}

export function listenToKeys(keys: readonly Key[], showHelp: () => void): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.closest('[data-keys="text"], dialog')) return;
    // By what it writes, because its place differs most between layouts.
    if (event.key === '?') {
      showHelp();
      event.preventDefault();
      return;
    }
    const key = keys.find((one) => one.codes.includes(event.code));
    if (!key) return;
    // Enter and Space belong to the button that has the focus, arrows to whoever scrolls with them.
    const onLanes = target.closest('[data-keys="lanes"]') !== null || target === document.body;
    if (
      !onLanes &&
      (event.code.startsWith('Arrow') || event.code === 'Enter' || event.code === 'Space')
    )
      return;
    event.preventDefault();
    key.run(event);
  });
}

function zoomCentre(): number | undefined {
  const slice = pickedSlice();
  return slice && picked.value
    ? Math.min(Math.max(picked.value.at, slice.from), slice.to)
    : undefined;
}

function toggleOrList(): void {
  const row = picked.value && document.getElementById(`lane-${picked.value.lane}`);
  const expanded = row?.getAttribute('aria-expanded');
  if (picked.value && expanded !== null && expanded !== undefined)
    setOpen(picked.value.lane, expanded !== 'true');
  else listSlices();
}

function openSelected(host: Host): void {
  const line =
    details.value?.stack.find((_, at) => !details.value?.library[at]) ?? details.value?.stack[0];
  if (line) host.post({ type: 'openSource', file: line.file, line: line.line });
  else announce('The selection has no source line.');
}
