/** The panel's table of contents: builds the page, connects it, asks for everything. */
import { PANEL_VERSION } from '../wire/panel.ts';
import { announcer } from './announce.ts';
import { createBanner } from './banner.ts';
import { createLaneHead } from './crumbs.ts';
import { el } from './dom.ts';
import { createDrawer } from './drawer.ts';
import { createFindings } from './findingsView.ts';
import { createFooter } from './footer.ts';
import { createHeader } from './header.ts';
import { createHeadline } from './headline.ts';
import { createHelp } from './help.ts';
import { connect } from './host.ts';
import { keyTable, listenToKeys } from './keys.ts';
import { goOn, startOver, take } from './messages.ts';
import { createOverview } from './overview.ts';
import { persist, restore } from './persist.ts';
import { createPlaceholder } from './placeholder.ts';
import { startRequests } from './requests.ts';
import { createRuler } from './ruler.ts';
import { createSelection } from './selectionView.ts';
import { createSplitters } from './splitters.ts';
import { paused } from './state.ts';
import { createTables } from './tables.ts';
import { watchTheme } from './theme.ts';
import { createTimeline } from './timeline.ts';
import { tooltip } from './tooltip.ts';

const host = connect();
restore(host.saved);
watchTheme();

const help = createHelp();
const keys = keyTable(host, help.show);
help.fill(keys);
const overview = createOverview();
const timeline = createTimeline();
const main = el(
  'main',
  { class: 'main' },
  overview.label,
  overview.element,
  createLaneHead(),
  createRuler(),
  timeline.element,
  createTables(host),
);
const side = el(
  'aside',
  { class: 'side', 'aria-label': 'Findings and selection' },
  createHeadline(),
  createFindings(host),
  createSelection(host),
);
const middle = el('div', { class: 'middle' }, main, side);
middle.append(createDrawer(middle), createPlaceholder(host));
createSplitters(middle, main, side);
document.body.append(
  createHeader(host),
  createBanner(host),
  middle,
  createFooter(keys),
  help.element,
  tooltip,
  announcer(),
);

listenToKeys(keys, help.show);
persist(host);
startRequests(host, timeline.visibleRows, timeline.width);
paused.watch((value) => {
  if (!value) goOn();
});
host.onMessage(take);
startOver();
host.post({ type: 'ready', version: PANEL_VERSION });
