/** In a narrow editor findings, selection and tables share the lower part of the panel: a bar chooses between them. */
import { watchAll } from './atom.ts';
import { el, setText } from './dom.ts';
import { type DrawerPart, drawer, findings } from './state.ts';

const PARTS: readonly (readonly [DrawerPart, string])[] = [
  ['findings', 'Findings'],
  ['selection', 'Selection'],
  ['tables', 'Tables'],
];

/** The bar; which part is open is told to the stylesheet by `middle`. */
export function createDrawer(middle: HTMLElement): HTMLElement {
  const count = el('span', { class: 'tab-count' });
  const buttons = PARTS.map(([part, title]) => ({
    part,
    button: el(
      'button',
      { type: 'button', onclick: () => drawer.set(part) },
      title,
      part === 'findings' ? count : null,
    ),
  }));
  const draw = (): void => {
    middle.dataset.drawer = drawer.value;
    for (const { part, button } of buttons)
      button.setAttribute('aria-pressed', String(part === drawer.value));
    setText(count, findings.value.length > 0 ? String(findings.value.length) : '');
  };
  watchAll([drawer, findings], draw);
  draw();
  return el(
    'nav',
    { class: 'drawer-bar', 'aria-label': 'Lower part' },
    ...buttons.map(({ button }) => button),
  );
}
