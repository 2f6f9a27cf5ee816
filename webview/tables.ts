/** The tables below the lanes, always for exactly the visible range: sortable, copyable, walked by arrow keys. */
import type { TableData, TableId } from '../wire/panel.ts';
import { announce } from './announce.ts';
import { watchAll } from './atom.ts';
import { edgeList } from './banner.ts';
import { cellText, makeCell, NUMBERS } from './cells.ts';
import { drawCycle } from './cycle.ts';
import { el, fill, setText } from './dom.ts';
import { histogram } from './histogram.ts';
import type { Host } from './host.ts';
import { icon } from './icons.ts';
import { goTo } from './navigation.ts';
import {
  caughtUp,
  findings,
  inRun,
  isNodeRun,
  lit,
  picked,
  run,
  showLibrary,
  sort,
  tab,
  table,
  view,
} from './state.ts';
import { formatMoment } from './timeScale.ts';

const TABS: readonly (readonly [TableId, string])[] = [
  ['locks', 'Lock contention'],
  ['tasks', 'Tasks'],
  ['threads', 'Threads'],
  ['pools', 'Pools'],
  ['queues', 'Queues'],
  ['loops', 'Loops'],
  ['gil', 'GIL'],
  ['graph', 'Wait-for graph'],
  ['awaits', 'Await tree'],
  ['slices', 'Slices'],
  ['events', 'Event log'],
];

/** What a recording of nothing but Node has nothing to say in. */
const OF_PYTHON: ReadonlySet<TableId> = new Set(['tasks', 'gil', 'awaits']);

function shownTabs(): readonly TableId[] {
  const ids = TABS.map(([id]) => id);
  return isNodeRun() ? ids.filter((id) => !OF_PYTHON.has(id)) : ids;
}

export function createTables(host: Host): HTMLElement {
  const tabs = el('div', {
    class: 'tabs',
    role: 'tablist',
    'aria-label': 'Tables for the visible range',
  });
  const buttons = new Map<TableId, HTMLButtonElement>();
  for (const [id, title] of TABS) {
    const button = el(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${id}`,
        'aria-controls': 'table-panel',
        onclick: () => choose(id),
      },
      el('span', {}, title),
      el('span', { class: 'tab-count' }),
    );
    buttons.set(id, button);
    tabs.append(button);
  }
  const inView = el('span', { class: 'nowrap' });
  const library = el(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-pressed': 'false',
      'aria-label': 'Show what library code made',
      title: 'Show what library code made',
      onclick: () => showLibrary.set(!showLibrary.value),
    },
    icon('filter'),
  );
  const copy = el(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Copy this table',
      title: 'Copy this table',
      onclick: () => copyTable(host),
    },
    icon('copy'),
  );
  const panel = el('div', {
    class: 'table-panel',
    role: 'tabpanel',
    id: 'table-panel',
    tabindex: -1,
  });
  const drawTabs = (): void => {
    const shown = shownTabs();
    for (const [id, button] of buttons) {
      const chosen = id === tab.value;
      button.hidden = !shown.includes(id);
      button.setAttribute('aria-selected', String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      const count = table.value?.counts[id];
      setText(button.lastElementChild!, count === undefined ? '' : String(count));
    }
    panel.setAttribute('aria-labelledby', `tab-${tab.value}`);
    const { from, to } = inRun();
    const step = (to - from) / 50;
    setText(
      inView,
      `in view: ${formatMoment(from, step).replace(' s', '')} – ${formatMoment(to, step)}`,
    );
    library.setAttribute('aria-pressed', String(showLibrary.value));
  };
  const draw = (): void => {
    drawTabs();
    const data = table.value;
    if (!data || data.tab !== tab.value) return;
    if (suggest(data)) return;
    const scroll = panel.scrollTop;
    fill(panel, ...parts(host, data));
    panel.scrollTop = scroll;
  };
  watchAll([tab, view, showLibrary], drawTabs);
  run.watch(() => {
    if (shownTabs().includes(tab.value)) drawTabs();
    else tab.set('threads');
  });
  watchAll([table], draw);
  tab.watch(() => fill(panel));
  tabs.addEventListener('keydown', (event) => walkTabs(event));
  panel.addEventListener('keydown', (event) => walkRows(event, panel));
  picked.watch(() => markPicked(panel));
  drawTabs();
  return el(
    'section',
    { class: 'tables', 'aria-label': 'Tables' },
    el(
      'div',
      { class: 'tab-bar' },
      tabs,
      el('span', { class: 'grow' }),
      el('span', { class: 'quiet in-view' }, inView),
      library,
      copy,
    ),
    panel,
  );
}

/** Tabs in the order in which a program without locks is asked about them. */
const SUGGESTIONS: readonly TableId[] = ['tasks', 'pools', 'queues', 'threads'];
let chosen = false;

/** Nobody has chosen a tab and the first one has nothing to say: another one may. */
function suggest(data: TableData): boolean {
  if (chosen || data.tab !== 'locks' || data.counts.locks) return false;
  const other = SUGGESTIONS.find((id) => data.counts[id]);
  if (other === undefined || !caughtUp.value) return false;
  chosen = true;
  tab.set(other);
  return true;
}

export function choose(id: TableId): void {
  chosen = true;
  if (tab.value === id) return;
  sort.set(null);
  tab.set(id);
}

function walkTabs(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const shown = shownTabs();
  const next = shown[(shown.indexOf(tab.value) + step + shown.length) % shown.length]!;
  choose(next);
  document.getElementById(`tab-${next}`)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function parts(host: Host, data: TableData): (Node | null)[] {
  const drawing = data.tab === 'graph' ? graphs(host) : null;
  return [
    drawing,
    data.note ? el('p', { class: 'quiet table-note' }, data.note) : null,
    data.rows.length > 0
      ? el(
          'div',
          { class: 'table-wrap' },
          grid(host, data),
          data.histogram ? histogram(data.histogram) : null,
        )
      : null,
    data.total > data.rows.length
      ? el(
          'p',
          { class: 'quiet table-note' },
          `${data.rows.length} of ${data.total} rows. Zoom in or search to see the others.`,
        )
      : null,
  ];
}

/** Every cycle and chain of waits that was found, drawn and in words. */
function graphs(host: Host): HTMLElement | null {
  const drawn = findings.value.filter(
    (one) => (one.evidence.edges?.length ?? 0) > 0 && one.severity === 'error',
  );
  if (drawn.length === 0) return null;
  return el(
    'div',
    { class: 'graphs' },
    ...drawn.slice(0, 6).map((found) => {
      const cyclic = found.evidence.cyclic !== false;
      return el(
        'figure',
        {},
        drawCycle(found.evidence.edges!, {
          cyclic,
          victims: found.evidence.victims ?? [],
          behind: found.behind,
          height: 110,
        }),
        el('figcaption', {}, found.title),
        edgeList(host, found.evidence.edges!, cyclic),
      );
    }),
  );
}

function grid(host: Host, data: TableData): HTMLElement {
  const most = data.columns.map((column, index) =>
    column.kind === 'bar'
      ? Math.max(1, ...data.rows.map((row) => Number(row.cells[index]) || 0))
      : 0,
  );
  const tree = data.tab === 'awaits';
  const head = el(
    'tr',
    {},
    ...data.columns.map((column) => {
      const sorted = data.sort.column === column.id;
      return el(
        'th',
        {
          scope: 'col',
          class: NUMBERS.has(column.kind) ? 'number' : column.kind,
          'aria-sort': sorted ? (data.sort.descending ? 'descending' : 'ascending') : undefined,
        },
        el(
          'button',
          {
            type: 'button',
            'data-key': `sort-${column.id}`,
            onclick: () => {
              const descending = sorted
                ? !data.sort.descending
                : NUMBERS.has(column.kind) || column.kind === 'bar';
              sort.set({ column: column.id, descending });
              announce(`Sorted by ${column.title}, ${descending ? 'largest' : 'smallest'} first`);
            },
          },
          column.title,
          sorted ? el('span', { 'aria-hidden': 'true' }, data.sort.descending ? ' ▾' : ' ▴') : null,
        ),
      );
    }),
  );
  const rows = data.rows.map((row, index) => {
    const element = el(
      'tr',
      {
        tabindex: index === 0 ? 0 : -1,
        class: row.trouble,
        'data-lane': row.lane,
        'data-key': `row-${index}`,
        'aria-level': tree ? row.depth + 1 : undefined,
        onclick: () => row.lane > 0 && goTo(row.lane, row.at),
        onfocus: () => lit.set(row.lane > 0 ? new Set([row.lane]) : new Set()),
      },
      ...data.columns.map((column, at) => makeCell(host, column, row, at, most[at]!)),
    );
    if (tree) element.style.setProperty('--depth', String(row.depth));
    return element;
  });
  const name = TABS.find(([id]) => id === data.tab)?.[1] ?? '';
  return el(
    'table',
    {
      class: `grid-table tab-${data.tab}`,
      'aria-label': name,
      role: tree ? 'treegrid' : undefined,
    },
    el('thead', {}, head),
    el('tbody', {}, ...rows),
  );
}

/** Up and down walk the rows, Enter goes to the row's place on the timeline. */
function walkRows(event: KeyboardEvent, panel: HTMLElement): void {
  const row = (event.target as Element).closest('tbody tr');
  if (!row || event.target !== row) return;
  const next =
    event.key === 'ArrowDown'
      ? row.nextElementSibling
      : event.key === 'ArrowUp'
        ? row.previousElementSibling
        : undefined;
  if (next instanceof HTMLElement) {
    for (const one of panel.querySelectorAll('tbody tr')) (one as HTMLElement).tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else if (event.key === 'Enter') (row as HTMLElement).click();
  else if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
}

function markPicked(panel: HTMLElement): void {
  for (const row of panel.querySelectorAll('tbody tr')) {
    const lane = Number(row.getAttribute('data-lane'));
    row.classList.toggle('picked', lane > 0 && lane === picked.value?.lane);
  }
}

/** As text that spreadsheets take: tabs between cells, numbers as shown. */
function copyTable(host: Host): void {
  const data = table.value;
  if (!data) return;
  const lines = [
    data.columns.map((column) => column.title),
    ...data.rows.map((row) =>
      data.columns.map((column, at) => cellText(column, row.cells[at] ?? null)),
    ),
  ];
  host.post({ type: 'copy', text: lines.map((line) => line.join('\t')).join('\n') });
  announce(`${data.rows.length} rows copied`);
}
