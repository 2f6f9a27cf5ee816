/** Borders that can be moved: between lanes and tables, and between lanes and findings. By pointer and by keys. */
import { el } from './dom.ts';

interface Border {
  readonly name: string;
  readonly variable: string;
  readonly vertical: boolean;
  readonly least: number;
  readonly start: number;
}

const BORDERS: readonly Border[] = [
  {
    name: 'Height of the tables',
    variable: '--tables-height',
    vertical: false,
    least: 60,
    start: 200,
  },
  {
    name: 'Width of the findings',
    variable: '--side-width',
    vertical: true,
    least: 220,
    start: 360,
  },
];
const KEY_PX = 24;

/** Each stands in the landmark that it sizes; its place is relative to the middle. */
export function createSplitters(middle: HTMLElement, main: HTMLElement, side: HTMLElement): void {
  for (const border of BORDERS) (border.vertical ? side : main).append(splitter(middle, border));
}

function splitter(middle: HTMLElement, border: Border): HTMLElement {
  const most = () => (border.vertical ? middle.clientWidth * 0.6 : middle.clientHeight * 0.7);
  let size = border.start;
  const element = el('div', {
    class: `splitter ${border.vertical ? 'vertical' : 'horizontal'}`,
    role: 'separator',
    tabindex: 0,
    'aria-label': border.name,
    'aria-orientation': border.vertical ? 'vertical' : 'horizontal',
    'aria-valuemin': border.least,
    'aria-valuemax': 2000,
    'aria-valuenow': size,
    'data-keys': 'text',
  });
  const set = (wanted: number): void => {
    size = Math.round(Math.min(Math.max(wanted, border.least), Math.max(border.least, most())));
    element.setAttribute('aria-valuenow', String(size));
    middle.style.setProperty(border.variable, `${size}px`);
  };
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  element.addEventListener('pointermove', (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    const box = middle.getBoundingClientRect();
    set(border.vertical ? box.right - event.clientX : box.bottom - event.clientY);
  });
  element.addEventListener('keydown', (event) => {
    const step = { ArrowUp: 1, ArrowLeft: 1, ArrowDown: -1, ArrowRight: -1 }[event.key];
    if (step === undefined) return;
    set(size + step * KEY_PX);
    event.preventDefault();
  });
  return element;
}
