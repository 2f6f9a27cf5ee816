/** Makes elements. Never by HTML text and never with style attributes: the page's policy forbids both. */

export type Child = Node | string | null | undefined | false;
type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => void)>
>;

/** `on…` attributes are listeners, `false` and `undefined` leave the attribute out, `true` sets it empty. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  apply(element, attributes);
  append(element, children);
  return element;
}

export function svg(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  apply(element, attributes);
  append(element, children);
  return element;
}

/** Replaces the children, and keeps the focus if what had it has a twin with the same `data-key`. */
export function fill(element: Element, ...children: readonly Child[]): void {
  const focused = element.contains(document.activeElement)
    ? document.activeElement?.getAttribute('data-key')
    : null;
  element.replaceChildren(...children.filter((child): child is Node | string => isShown(child)));
  if (focused) {
    const twin = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`);
    twin?.focus({ preventScroll: true });
  }
}

/** Changes the text only when it differs, so that a screen reader is not told again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) if (isShown(child)) element.append(child);
}

function isShown(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false && child !== '';
}
