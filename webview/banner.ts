/** The worst finding on top when the program cannot go on: what happened, the cycle drawn, the lines, the way out. */
import { formatDuration, unbroken } from '../base/format.ts';
import type { PanelFinding } from '../wire/panel.ts';
import type { Location, WaitEdge } from '../wire/report.ts';
import { ownership } from '../wire/waitChains.ts';
import { atom, watchAll } from './atom.ts';
import { describeEdges, drawCycle } from './cycle.ts';
import { el, fill, setText } from './dom.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';
import { showFinding } from './navigation.ts';
import { sourceButton } from './source.ts';
import { findings, run } from './state.ts';

/** Findings whose banner the reader has put away. */
export const dismissed = atom<ReadonlySet<string>>(new Set());
const explained = atom(false);

/** Errors stop the program; the banner is for the worst of them. */
export function bannerFinding(): PanelFinding | undefined {
  return findings.value.find((one) => one.severity === 'error' && !dismissed.value.has(one.id));
}

export function createBanner(host: Host): HTMLElement {
  const body = el('div', { class: 'banner-body' });
  const element = el('section', { class: 'banner', 'aria-label': 'Worst finding' }, body);
  const since = el('span', {});
  element.hidden = true;
  let shown = '';
  const draw = (): void => {
    const found = bannerFinding();
    element.hidden = found === undefined;
    if (!found) {
      shown = '';
      return;
    }
    const first = found.spans[0];
    const now = run.value;
    const lasts = first && now ? now.elapsedNs - first.from : 0;
    setText(
      since,
      lasts > 0 && found.rule === 'deadlock' ? unbroken(` for ${formatDuration(lasts)}`) : '',
    );
    const key = JSON.stringify([
      found.id,
      found.title,
      found.detail,
      found.evidence.edges?.length,
      explained.value,
    ]);
    if (key === shown) return;
    shown = key;
    fill(body, ...parts(host, found, since));
  };
  watchAll([findings, run, dismissed, explained], draw);
  return element;
}

function parts(host: Host, found: PanelFinding, since: HTMLElement): Node[] {
  const edges = found.evidence.edges ?? [];
  const others = findings.value.filter((one) => one.severity === 'error').length - 1;
  const { fact, advice } = splitAdvice(found.detail);
  const text = el(
    'div',
    { class: 'banner-text' },
    el('h2', {}, icon('error', 'error'), el('span', {}, ...marked(found.title, edges), since)),
    el('p', {}, ...marked(fact, edges)),
    el(
      'div',
      { class: 'banner-buttons' },
      el(
        'button',
        {
          type: 'button',
          class: 'button primary',
          'data-key': 'show',
          onclick: () => showFinding(found.id),
        },
        'Show on timeline',
      ),
      ...linesOf(found).map((location) => sourceButton(host, location, true)),
      el(
        'button',
        {
          type: 'button',
          class: 'button',
          'aria-expanded': String(explained.value),
          'data-key': 'fix',
          onclick: () => explained.set(!explained.value),
        },
        icon('bulb'),
        'How to fix',
      ),
      others > 0 ? el('span', { class: 'quiet' }, `and ${others} more like it below`) : null,
    ),
    explained.value ? fixOf(host, found, advice) : null,
  );
  const drawing =
    edges.length > 0
      ? el(
          'div',
          { class: 'banner-drawing' },
          drawCycle(edges, {
            cyclic: found.evidence.cyclic !== false,
            victims: found.evidence.victims ?? [],
            behind: found.behind,
            height: 84,
          }),
        )
      : null;
  const close = el(
    'button',
    {
      type: 'button',
      class: 'icon-button banner-close',
      'aria-label': 'Put this banner away',
      title: 'Put this banner away',
      onclick: () => dismissed.set(new Set([...dismissed.value, found.id])),
    },
    icon('close'),
  );
  return drawing ? [text, drawing, close] : [text, close];
}

function fixOf(host: Host, found: PanelFinding, advice: string): HTMLElement {
  const edges = found.evidence.edges ?? [];
  return el(
    'div',
    { class: 'banner-fix' },
    advice ? el('p', {}, advice) : null,
    edges.length > 0 ? edgeList(host, edges, found.evidence.cyclic !== false) : null,
    el(
      'button',
      {
        type: 'button',
        class: 'link',
        onclick: () => host.post({ type: 'openRule', rule: found.rule }),
      },
      `About the rule “${found.rule}”`,
    ),
  );
}

/** The cycle in words, with both lines of each edge. */
export function edgeList(host: Host, edges: readonly WaitEdge[], cyclic: boolean): HTMLElement {
  return el(
    'ol',
    { class: 'edges', 'aria-label': describeEdges(edges, cyclic) },
    ...edges.map((edge) =>
      el(
        'li',
        {},
        el('b', {}, edge.waiter),
        ' wants ',
        el('b', {}, edge.resource),
        edge.waiterLocation ? ' at ' : '',
        edge.waiterLocation ? sourceButton(host, edge.waiterLocation) : null,
        ...whose(edge),
        edge.ownerLocation ? ' since ' : '',
        edge.ownerLocation ? sourceButton(host, edge.ownerLocation) : null,
      ),
    ),
  );
}

function whose(edge: WaitEdge): readonly (string | HTMLElement)[] {
  const how = ownership(edge);
  return how === undefined ? [] : [`, ${how} `, el('b', {}, edge.owner)];
}

/** The lines to go to: where each of the cycle waits, else the finding's own. */
function linesOf(found: PanelFinding): readonly Location[] {
  const seen = new Set<string>();
  const edges = found.evidence.edges ?? [];
  const lines = [...edges.flatMap((edge) => edge.waiterLocation ?? []), ...found.locations];
  return lines
    .filter((line) => {
      const key = `${line.file}:${line.line}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, 3);
}

/** The last sentence of a finding's detail says what to do. */
export function splitAdvice(detail: string): { readonly fact: string; readonly advice: string } {
  const sentences = detail.split(/(?<=[.!?])\s+(?=\p{Lu})/u);
  if (sentences.length < 2) return { fact: detail, advice: '' };
  return { fact: sentences.slice(0, -1).join(' '), advice: sentences.at(-1) ?? '' };
}

/** Names of the program stand out from the sentence. */
function marked(text: string, edges: readonly WaitEdge[]): (Node | string)[] {
  const names = [
    ...new Set(edges.flatMap((edge) => [edge.waiter, edge.resource, edge.owner])),
  ].filter((name) => name.length > 1);
  if (names.length === 0) return [unbroken(text)];
  const escaped = names
    .sort((one, other) => other.length - one.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text
    .split(new RegExp(`(${escaped.join('|')})`))
    .map((piece) => (names.includes(piece) ? el('code', {}, piece) : unbroken(piece)));
}
