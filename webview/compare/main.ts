/** The compare view's table of contents: two runs side by side, findings first, then numbers, then distributions. */
import { assertNever } from '../../base/assert.ts';
import type { ToCompare } from '../../wire/comparePanel.ts';
import { announce, announcer } from '../announce.ts';
import { el, fill } from '../dom.ts';
import { watchTheme } from '../theme.ts';
import { distributionsSection } from './distributions.ts';
import { findingsSection } from './findings.ts';
import { compareHead } from './head.ts';
import { connectCompare } from './host.ts';
import { measuresSection, thingsSection } from './tables.ts';

const host = connectCompare();
watchTheme();
const page = el('main', { class: 'compare', tabindex: -1 });
document.body.append(page, announcer());
say('Reading both recordings …', false);
host.onMessage(take);
host.post({ type: 'ready' });

function take(message: ToCompare): void {
  switch (message.type) {
    case 'said':
      say(message.text, message.failed);
      return;
    case 'view': {
      const { view, files, can } = message;
      host.save(files);
      fill(
        page,
        compareHead(host, view, can),
        findingsSection(host, view),
        el(
          'div',
          { class: 'compare-columns' },
          measuresSection(view),
          distributionsSection(view.distributions),
        ),
        thingsSection(host, view),
        el('p', { class: 'quiet compare-noise' }, view.noise),
      );
      announce(`${view.headline} ${view.summary}`.trim());
      return;
    }
    default:
      assertNever(message);
  }
}

function say(text: string, failed: boolean): void {
  fill(
    page,
    el('p', { class: `compare-said ${failed ? 'failed' : 'quiet'}`, role: 'status' }, text),
  );
}
