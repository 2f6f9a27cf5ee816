/** The top line: what runs, how long, at what cost; buttons for what can be done; the legend; the search box. */
import { formatCount, formatDuration, formatShare } from '../base/format.ts';
import type { PanelCommand, RunInfo } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { el, fill } from './dom.ts';
import type { Host } from './host.ts';
import { type IconName, icon } from './icons.ts';
import { createLegend } from './legend.ts';
import { following, paused, run, search } from './state.ts';

const BUTTONS: Partial<
  Record<PanelCommand, { readonly icon: IconName; readonly title: string; readonly text?: string }>
> = {
  stop: { icon: 'stop', title: 'Stop the program' },
  runAgain: { icon: 'again', title: 'Run again' },
  save: { icon: 'save', title: 'Save the recording…' },
  compare: { icon: 'compare', title: 'Compare with another recording…', text: 'Compare' },
};

export function createHeader(host: Host): HTMLElement {
  const info = el('div', { class: 'run-info' });
  const buttons = el('div', { class: 'run-buttons', role: 'toolbar', 'aria-label': 'Run' });
  const box = el('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Find task, lock…',
    'aria-label': 'Find task, lock or function',
    spellcheck: 'false',
    'data-keys': 'text',
  });
  box.value = search.value;
  box.addEventListener('input', () => search.set(box.value));
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    box.value = '';
    search.set('');
    box.blur();
    event.stopPropagation();
  });
  search.watch((text) => {
    if (box.value !== text) box.value = text;
  });
  const drawInfo = () => fill(info, ...infoParts(run.value));
  const drawButtons = () => fill(buttons, ...buttonParts(host, run.value));
  let shape = '';
  watchAll([run, following, paused], () => {
    drawInfo();
    // Buttons are redone only when they differ: they would lose hover and focus twenty times a second.
    const next = JSON.stringify([run.value?.state, run.value?.can, following.value, paused.value]);
    if (next === shape) return;
    shape = next;
    drawButtons();
  });
  return el(
    'header',
    { class: 'header' },
    info,
    buttons,
    createLegend(),
    el(
      'label',
      { class: 'search-box' },
      icon('search'),
      box,
      el('kbd', { 'aria-hidden': 'true' }, '/'),
    ),
  );
}

const STATE_WORDS = {
  empty: '',
  loading: 'LOADING',
  running: 'LIVE',
  ending: 'ENDING',
  finished: 'FINISHED',
  stopped: 'STOPPED',
  failed: 'FAILED',
} as const;

function infoParts(now: RunInfo | null): (Node | null)[] {
  if (!now) return [];
  const kind = now.state === 'finished' && now.endedBadly ? 'failed' : now.state;
  const state = paused.value && kind === 'running' ? 'PAUSED' : STATE_WORDS[kind];
  const facts = [
    now.pid ? `pid ${now.pid}${now.processes > 1 ? ` + ${now.processes - 1}` : ''}` : '',
    now.elapsedNs > 0 ? formatDuration(now.elapsedNs) : '',
    now.records > 0 ? `${shortCount(now.records)} events` : '',
    now.records > 0 ? `overhead ${overhead(now)}` : '',
  ].filter(Boolean);
  return [
    state
      ? el(
          'span',
          { class: `run-state ${kind}` },
          el('span', { class: 'dot', 'aria-hidden': 'true' }),
          state,
        )
      : null,
    el('h1', { class: 'run-title', title: now.command.join(' ') }, now.title),
    el(
      'span',
      {
        class: 'run-facts',
        title: `The probe used ${formatDuration(now.overheadNs)} of CPU time by its own measure`,
      },
      facts.join('  ·  '),
    ),
    now.dropped > 0
      ? el(
          'span',
          { class: 'run-lost', title: 'Shown hatched on the lanes where they are missing' },
          icon('warning'),
          `${formatCount(now.dropped)} lost`,
        )
      : null,
  ];
}

/** Most of it is spent at the start, before anything is on the timeline: of a run of milliseconds it is no share. */
function overhead({ elapsedNs, overheadNs, overheadShare }: RunInfo): string {
  return elapsedNs < LEAST_FOR_SHARE_NS ? formatDuration(overheadNs) : formatShare(overheadShare);
}

const LEAST_FOR_SHARE_NS = 200e6;

function shortCount(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(count >= 1e7 ? 0 : 1)} M`;
  return count >= 1e4 ? `${Math.round(count / 1e3)} k` : formatCount(count);
}

function buttonParts(host: Host, now: RunInfo | null): (Node | null)[] {
  if (!now) return [];
  const live = now.state === 'running';
  const parts: (Node | null)[] = [];
  if (live)
    parts.push(
      toggle(
        paused.value ? 'play' : 'pause',
        paused.value ? 'Go on' : 'Pause the picture (the program goes on)',
        'pause',
        paused.value,
        () => paused.set(!paused.value),
      ),
    );
  for (const command of now.can) {
    const one = BUTTONS[command];
    if (!one) continue;
    parts.push(
      el(
        'button',
        {
          type: 'button',
          class: one.text ? 'button' : `icon-button ${command}`,
          title: one.title,
          'aria-label': one.title,
          'data-key': command,
          onclick: () => host.post({ type: 'command', command }),
        },
        icon(one.icon),
        one.text,
      ),
    );
    if (command === 'stop')
      parts.push(
        toggle('follow', 'Follow the end of the run', 'follow', following.value, () => {
          following.set(!following.value);
          paused.set(false);
        }),
      );
  }
  return parts;
}

function toggle(
  name: IconName,
  title: string,
  key: string,
  pressed: boolean,
  onclick: () => void,
): HTMLElement {
  return el(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      title,
      'aria-label': title,
      'aria-pressed': String(pressed),
      'data-key': key,
      onclick,
    },
    icon(name),
  );
}
