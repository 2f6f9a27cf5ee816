/** The selection: what it is, why it waits, for whom, the stack with links, what to do about it. */
import { formatDuration } from '../base/format.ts';
import type { Fact, Selection } from '../wire/panel.ts';
import { watchAll } from './atom.ts';
import { splitAdvice } from './banner.ts';
import { STATE_TITLES } from './describe.ts';
import { el, fill } from './dom.ts';
import type { Host } from './host.ts';
import { type IconName, icon } from './icons.ts';
import { sliceAt, slicesOf } from './laneData.ts';
import { fit, goTo, moveSlice, pickedSlice } from './navigation.ts';
import { sourceButton } from './source.ts';
import { details, findings, labels, laneOf, picked, run } from './state.ts';

export function createSelection(host: Host): HTMLElement {
  const body = el('div', { class: 'selection-body' });
  let shown: unknown[] = [];
  const draw = (): void => {
    const key = [details.value, picked.value?.lane, picked.value?.at, findings.value.length];
    if (key.every((part, index) => part === shown[index])) return;
    shown = key;
    fill(body, ...parts(host));
  };
  watchAll([details, picked, findings, run], draw);
  draw();
  return el(
    'section',
    { class: 'selection', 'aria-label': 'Selection' },
    el(
      'div',
      { class: 'side-head' },
      el('h2', {}, 'Selection'),
      el('span', { class: 'grow' }),
      tool('left', 'Previous slice', () => moveSlice(-1)),
      tool('right', 'Next slice', () => moveSlice(1)),
      tool('fit', 'Fit the selection', fit),
    ),
    body,
  );
}

function tool(name: IconName, title: string, onclick: () => void): HTMLElement {
  return el(
    'button',
    { type: 'button', class: 'icon-button', title, 'aria-label': title, onclick },
    icon(name),
  );
}

function parts(host: Host): (Node | null)[] {
  const at = picked.value;
  const lane = at && laneOf(at.lane);
  if (!at || !lane)
    return [
      el(
        'p',
        { class: 'quiet nothing' },
        'Click a slice, or use the arrow keys, to see what it does, what it waits for and who makes it wait.',
      ),
    ];
  const known =
    details.value?.lane === at.lane && at.at >= details.value.start && at.at <= details.value.end
      ? details.value
      : undefined;
  if (!known) return [factList(host, provisional())];
  return [
    factList(host, known.facts),
    known.stack.length > 0 ? stackOf(host, known) : null,
    adviceOf(host, known),
  ];
}

/** What the columns alone say, until the answer comes. */
function provisional(): Fact[] {
  const at = picked.value!;
  const lane = laneOf(at.lane)!;
  const slice = pickedSlice();
  const spans = slicesOf(at.lane);
  const index = sliceAt(at.lane, at.at);
  const state = spans && index >= 0 ? (STATE_TITLES[spans.state[index]!] ?? '') : lane.note;
  const facts: Fact[] = [{ label: 'Lane', value: lane.name, note: lane.note }];
  if (slice)
    facts.unshift({ label: 'State', value: state, note: formatDuration(slice.to - slice.from) });
  const label = spans && index >= 0 ? labels[spans.label[index]!] : '';
  if (label) facts.push({ label: 'What', value: label });
  return facts;
}

function factList(host: Host, facts: readonly Fact[]): HTMLElement {
  return el(
    'dl',
    { class: 'facts' },
    ...facts.flatMap((fact) => [
      el('dt', {}, fact.label),
      el(
        'dd',
        {},
        fact.go
          ? el(
              'button',
              {
                type: 'button',
                class: 'link code',
                'data-key': `go-${fact.label}`,
                onclick: () => goTo(fact.go!.lane, fact.go!.at),
              },
              fact.value,
            )
          : el(
              'span',
              { class: `fact-value ${fact.tone ?? ''}${fact.label === 'State' ? '' : ' code'}` },
              fact.value,
            ),
        fact.note ? el('span', { class: 'quiet' }, ` ${fact.note}`) : null,
        fact.location ? ' ' : null,
        fact.location ? sourceButton(host, fact.location) : null,
        fact.label === 'Held by' ? el('kbd', { title: 'Key B goes to the blocker' }, 'B') : null,
      ),
    ]),
  );
}

/** Frames of the program one by one; neighbouring library frames folded into one line that opens. */
function stackOf(host: Host, selection: Selection): HTMLElement {
  const list = el('ol', { class: 'stack', 'aria-label': 'Stack, innermost first' });
  const { stack, library } = selection;
  for (let index = 0; index < stack.length; ) {
    let end = index;
    while (end < stack.length && library[end]) end++;
    if (end - index >= 2) {
      const frames = stack.slice(index, end);
      const more = el(
        'li',
        { class: 'library' },
        el(
          'button',
          {
            type: 'button',
            class: 'plain',
            title: 'Show them one by one',
            onclick: () =>
              more.replaceWith(...frames.map((frame) => frameOf(host, frame, 'library'))),
          },
          `${frames[0]?.function ?? frames[0]?.label ?? ''} ×${frames.length} library frames`,
        ),
        el('span', { class: 'quiet' }, frames[0]?.file.split(/[\\/]/).at(-1) ?? ''),
      );
      list.append(more);
      index = end;
      continue;
    }
    const first = !library.slice(0, index).includes(false) && !library[index];
    list.append(frameOf(host, stack[index]!, library[index] ? 'library' : first ? 'here' : ''));
    index++;
  }
  return list;
}

function frameOf(host: Host, frame: Selection['stack'][number], kind: string): HTMLElement {
  return el(
    'li',
    { class: kind },
    el('span', { class: 'code' }, frame.function ?? frame.label),
    sourceButton(host, frame),
  );
}

/** What the finding that explains the selection says to do; fixes of the text itself are offered at its line in the editor. */
function adviceOf(host: Host, selection: Selection): HTMLElement | null {
  const found = findings.value.find((one) => one.id === selection.finding);
  const advice = found ? splitAdvice(found.detail).advice : '';
  if (!found || !advice) return null;
  return el(
    'div',
    { class: 'advice' },
    el(
      'div',
      { class: 'spread' },
      el('strong', {}, icon('bulb', 'warning'), 'What to do'),
      el(
        'button',
        {
          type: 'button',
          class: 'link',
          onclick: () => host.post({ type: 'openRule', rule: found.rule }),
        },
        'About this rule',
      ),
    ),
    el('p', {}, advice),
  );
}
