/** What stands in the place of the lanes while there are none: why, and what to do. */
import type { PanelCommand } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { el, fill } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';
import { lanes, run } from './state.ts';

const WORDS: Partial<Record<PanelCommand, string>> = {
  profileFile: 'Profile the current file',
  profileSample: 'Profile a sample…',
  openRecording: 'Open a recording…',
  runAgain: 'Run again',
  showLog: 'Show log',
};

export function createPlaceholder(host: Host): HTMLElement {
  const element = el('section', { class: 'placeholder', 'aria-label': 'State of the run' });
  let shown = '';
  const draw = (): void => {
    const now = run.value;
    const bad = now?.state === 'failed';
    const needed = lanes.value.length === 0 || bad;
    element.hidden = !needed;
    const key = JSON.stringify([now?.state, now?.message, now?.can, needed]);
    if (key === shown) return;
    shown = key;
    if (!needed) return;
    const { title, text } = words(now?.state, now?.message ?? '');
    fill(
      element,
      now?.state === 'loading' || now === null
        ? el('div', { class: 'progress', role: 'progressbar', 'aria-label': title })
        : icon(bad ? 'error' : 'thread', bad ? 'error big' : 'big'),
      el('h2', {}, title),
      text ? el('p', {}, text) : null,
      el(
        'div',
        { class: 'placeholder-buttons' },
        ...(now?.can ?? []).flatMap((command, index) => {
          const word = WORDS[command];
          return word
            ? [
                el(
                  'button',
                  {
                    type: 'button',
                    class: index === 0 ? 'button primary' : 'button',
                    onclick: () => host.post({ type: 'command', command }),
                  },
                  word,
                ),
              ]
            : [];
        }),
      ),
    );
  };
  watchAll([run, lanes], draw);
  draw();
  return element;
}

function words(state: string | undefined, message: string): { title: string; text: string } {
  switch (state) {
    case 'empty':
      return {
        title: 'Nothing recorded yet',
        text:
          message ||
          'Profile a program and its threads, tasks and locks appear here while it runs.',
      };
    case 'running':
      return { title: 'Waiting for the program’s first event…', text: message };
    case 'ending':
    case 'finished':
    case 'stopped':
      return {
        title: 'The recording is empty',
        text: message || 'The program ended before it did anything that could be recorded.',
      };
    case 'failed':
      return { title: 'This did not work', text: message };
    default:
      return { title: 'Loading…', text: message };
  }
}
