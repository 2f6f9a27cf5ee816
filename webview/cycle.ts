/** Draws a cycle or chain of waits: who holds what, who wants what, who stands behind. Its twin is the list of edges. */
import type { WaitEdge } from '../wire/report.ts';
import { chainsOf, ownership } from '../wire/waitChains.ts';
import { svg } from './dom.ts';

interface Node {
  readonly text: string;
  readonly kind: 'actor' | 'lock' | 'victim';
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const HEIGHT = 22;
const LETTER_PX = 7;
const PAD_PX = 22;
const MOST_LETTERS = 22;

export interface CycleOptions {
  readonly cyclic: boolean;
  readonly victims: readonly string[];
  /** What the victims wait for, where that is known. */
  readonly behind?: readonly string[];
  /** Least height of the drawing, CSS pixels. */
  readonly height: number;
  readonly onActor?: (index: number) => void;
}

export function drawCycle(all: readonly WaitEdge[], options: CycleOptions): SVGElement {
  // Of several rows of a hang the first; the list beside it has them all.
  const edges = options.cyclic
    ? turned(all, options.behind ?? [])
    : (chainsOf(all, false)[0] ?? []);
  const ring = ringOf(edges, options);
  const shown = new Set(edges.map((edge) => edge.waiter));
  const others = options.victims.filter((victim) => options.cyclic || !shown.has(victim));
  const victims = victimsOf(others, ring.nodes[1]?.y ?? HEIGHT / 2, ring.height);
  const left = victims.length > 0 ? Math.max(...victims.map((one) => one.width)) + 70 : 0;
  const nodes = ring.nodes.map((node) => ({ ...node, x: node.x + left }));
  const width = left + ring.width;
  const parts: SVGElement[] = [];
  const count = edges.length;
  const firstLock = nodes[1];
  if (firstLock) parts.push(...behind(victims, firstLock));
  edges.forEach((edge, index) => {
    const actor = nodes[index * 2];
    const lock = nodes[index * 2 + 1];
    const owner = nodes[((index + 1) * 2) % (options.cyclic ? count * 2 : nodes.length)];
    if (actor && lock)
      parts.push(...arrow(actor, lock, 'wants', 'wants', left + ring.width / 2, ring.height));
    if (owner && lock && (options.cyclic || index + 1 < count || nodes.length > count * 2))
      parts.push(
        ...arrow(
          owner,
          lock,
          'holds',
          ownership(edge) === 'held by' ? 'holds' : '',
          left + ring.width / 2,
          ring.height,
        ),
      );
  });
  for (const node of [...victims, ...nodes]) parts.push(box(node));
  return svg(
    'svg',
    {
      class: 'cycle',
      width,
      height: ring.height,
      viewBox: `0 0 ${width} ${ring.height}`,
      role: 'img',
      'aria-label': describeEdges(edges, options.cyclic),
    },
    ...parts,
  );
}

/** A cycle has no beginning: it is turned so that what most others wait for stands on top. */
function turned(edges: readonly WaitEdge[], behind: readonly string[]): readonly WaitEdge[] {
  const count = (edge: WaitEdge): number => behind.filter((one) => one === edge.resource).length;
  const best = edges.reduce(
    (most, edge, index) => (count(edge) > count(edges[most]!) ? index : most),
    0,
  );
  return [...edges.slice(best), ...edges.slice(0, best)];
}

export function describeEdges(edges: readonly WaitEdge[], cyclic: boolean): string {
  const steps = edges.map((edge) => {
    const how = ownership(edge);
    return `${edge.waiter} wants ${edge.resource}${how === undefined ? '' : `, ${how} ${edge.owner}`}`;
  });
  return `${cyclic ? 'Cycle' : 'Chain'} of waits: ${steps.join('; ')}.`;
}

/** Actors and what they want in turn around an ellipse: with two of each, actors left and right, locks above and below. */
function ringOf(
  edges: readonly WaitEdge[],
  options: CycleOptions,
): { readonly nodes: readonly Node[]; readonly width: number; readonly height: number } {
  const texts: { text: string; kind: 'actor' | 'lock' }[] = edges.flatMap((edge) => [
    { text: edge.waiter, kind: 'actor' as const },
    { text: edge.resource, kind: 'lock' as const },
  ]);
  if (!options.cyclic) texts.push({ text: edges.at(-1)?.owner ?? '', kind: 'actor' });
  const widths = texts.map(({ text, kind }) => widthOf(text) + (kind === 'lock' ? 8 : 0));
  const widest = Math.max(...widths, 40);
  const count = texts.length;
  if (!options.cyclic) {
    let x = 2;
    const nodes = texts.map(({ text, kind }, index) => {
      const node = {
        text,
        kind,
        width: widths[index]!,
        x: x + widths[index]! / 2,
        y: options.height / 2,
      };
      x += widths[index]! + 64;
      return node;
    });
    return { nodes, width: x - 60, height: options.height };
  }
  const height = Math.max(options.height, count <= 4 ? 0 : 40 + count * 17);
  const radiusX = count <= 2 ? widest * 0.75 + 40 : Math.max(widest + 42, count * 30);
  // A large ring has lines along its top and bottom, with their words outside.
  const words = count > 4 ? 12 : 2;
  const radiusY = count <= 2 ? 0 : height / 2 - HEIGHT / 2 - words;
  const width = radiusX * 2 + widest + 4;
  const nodes = texts.map(({ text, kind }, index) => {
    const angle = Math.PI + (index * 2 * Math.PI) / count;
    return {
      text,
      kind,
      width: widths[index]!,
      x: width / 2 + Math.cos(angle) * radiusX,
      y: height / 2 + Math.sin(angle) * radiusY,
    };
  });
  return { nodes, width, height };
}

function victimsOf(victims: readonly string[], top: number, height: number): readonly Node[] {
  const shown = victims.slice(0, 2);
  const more = victims.length - shown.length;
  if (more > 0) shown.push(`${more} more`);
  return shown.map((text, index) => {
    const width = widthOf(text);
    const step = shown.length > 1 ? (height - HEIGHT / 2 - 2 - top) / (shown.length - 1) : 0;
    return { text, kind: 'victim' as const, width, x: width / 2 + 2, y: top + index * step };
  });
}

/** The first one's arrow goes straight to the lock; the others' lines join it. */
function behind(victims: readonly Node[], lock: Node): SVGElement[] {
  const first = victims[0];
  if (!first) return [];
  const join = Math.max(...victims.map((one) => one.width)) + 16;
  const parts = arrow(first, { ...lock, y: first.y }, 'behind', '');
  for (const other of victims.slice(1))
    parts.push(
      svg('path', {
        class: 'edge behind',
        d: `M${other.x + other.width / 2} ${other.y}H${join}V${first.y}`,
      }),
    );
  return [...parts, label(join + 46, first.y - 8, 'wait behind', 'behind')];
}

function widthOf(text: string): number {
  return Math.min(text.length, MOST_LETTERS) * LETTER_PX + PAD_PX;
}

function box(node: Node): SVGElement {
  const text =
    node.text.length > MOST_LETTERS ? `${node.text.slice(0, MOST_LETTERS - 1)}…` : node.text;
  const left = node.x - node.width / 2;
  return svg(
    'g',
    { class: `node ${node.kind}` },
    svg('title', {}, node.text),
    svg('rect', {
      x: left,
      y: node.y - HEIGHT / 2,
      width: node.width,
      height: HEIGHT,
      rx: node.kind === 'lock' ? 11 : 4,
    }),
    svg('text', { x: node.x, y: node.y + 4, 'text-anchor': 'middle' }, text),
  );
}

function arrow(
  from: Node,
  to: Node,
  kind: 'wants' | 'holds' | 'behind',
  text: string,
  centre = 0,
  height = 0,
): SVGElement[] {
  const start = edgeOf(from, to);
  const end = edgeOf(to, from);
  // Two nodes joined both ways (a lock taken twice by one) get two lines beside each other.
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const ux = (end.x - start.x) / length;
  const uy = (end.y - start.y) / length;
  const tip = { x: end.x - ux * 1.5, y: end.y - uy * 1.5 };
  const side = kind === 'behind' ? 0 : Math.abs(uy) < 0.05 ? (kind === 'wants' ? -5 : 5) : 0;
  const shapes = [
    svg('path', {
      class: `edge ${kind}`,
      d: `M${start.x} ${start.y + side}L${tip.x - ux * 6} ${tip.y - uy * 6 + side}`,
    }),
    svg('path', {
      class: `tip ${kind}`,
      d: `M${tip.x} ${tip.y + side}l${-ux * 9 - uy * 4} ${-uy * 9 + ux * 4}l${uy * 8} ${-ux * 8}z`,
    }),
  ];
  if (text) {
    // Beside the line, on the side away from the ring's middle.
    // Nearer to the lock, where the lines are apart.
    const along = side !== 0 || length < 60 ? 0.5 : 0.66;
    const middle = {
      x: start.x + (tip.x - start.x) * along,
      y: start.y + (tip.y - start.y) * along + side,
    };
    const outward = (middle.x - centre) * -uy + (middle.y - height / 2) * ux < 0 ? -1 : 1;
    const flip = side !== 0 ? Math.sign(side) * (ux < 0 ? -1 : 1) : -outward;
    shapes.push(
      label(middle.x - uy * flip * 7, middle.y + ux * flip * (side !== 0 ? 10 : 8), text, kind),
    );
  }
  return shapes;
}

function label(x: number, y: number, text: string, kind: string, anchor = 'middle'): SVGElement {
  return svg('text', { class: `edge-label ${kind}`, x, y: y + 3.5, 'text-anchor': anchor }, text);
}

/** Where the line from the middle of one box to the other leaves the box. */
function edgeOf(one: Node, other: Node): { x: number; y: number } {
  const dx = other.x - one.x;
  const dy = other.y - one.y;
  if (dx === 0 && dy === 0) return { x: one.x, y: one.y };
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : one.width / 2 / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : HEIGHT / 2 / Math.abs(dy),
  );
  return { x: one.x + dx * scale, y: one.y + dy * scale };
}
