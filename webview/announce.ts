/** Tells a screen reader what a move led to; the same text stands in the footer. */
import { atom } from './atom.ts';

export const announced = atom('');

export function announce(text: string): void {
  announced.set('');
  announced.set(text);
}

/** The live region. Polite: what is being read is not cut off. */
export function announcer(): HTMLElement {
  const region = document.createElement('div');
  region.className = 'heard';
  region.setAttribute('aria-live', 'polite');
  region.setAttribute('role', 'status');
  announced.watch((text) => {
    region.textContent = text;
  });
  return region;
}
