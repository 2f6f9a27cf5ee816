/** Colours of the drawings: read from the stylesheet's tokens, again whenever the editor's theme changes. */
import { SLICE_STATES } from '../wire/panel.ts';
import { atom } from './atom.ts';

export interface Theme {
  readonly background: string;
  readonly heading: string;
  readonly foreground: string;
  readonly quiet: string;
  readonly line: string;
  readonly strongLine: string;
  readonly focus: string;
  readonly selected: string;
  readonly error: string;
  readonly warning: string;
  readonly info: string;
  /** Text on a filled slice. */
  readonly onFill: string;
  /** By code of SLICE_STATES. */
  readonly states: readonly string[];
  /** The same as 0xAABBGGRR, to be written into pixels. */
  readonly pixels: Uint32Array;
  readonly errorPixel: number;
  readonly actors: readonly string[];
  readonly font: string;
  readonly mono: string;
  readonly contrast: boolean;
}

/** CSS variable of each state. */
const TOKEN: Record<(typeof SLICE_STATES)[number], string> = {
  idle: '--state-idle',
  io: '--state-io',
  waiting: '--state-waiting',
  running: '--state-running',
  gil: '--state-gil',
  lock: '--state-lock',
  blocksLoop: '--state-blocks',
  deadlocked: '--state-deadlocked',
  unknown: '--state-unknown',
  held: '--state-held',
  heldContended: '--state-contended',
};
export const ACTOR_COLORS = 8;

export const theme = atom<Theme>(undefined as unknown as Theme);

export function watchTheme(): void {
  theme.set(read());
  const reread = () => theme.set(read());
  new MutationObserver(reread).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['style', 'class'],
  });
  new MutationObserver(reread).observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'data-vscode-theme-id'],
  });
  matchMedia('(forced-colors: active)').addEventListener('change', reread);
}

function read(): Theme {
  const style = getComputedStyle(document.body);
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const of = (name: string): string => style.getPropertyValue(name).trim() || '#808080';
  const states = SLICE_STATES.map((state) => of(TOKEN[state]));
  return {
    background: of('--panel-background'),
    heading: of('--panel-heading'),
    foreground: of('--panel-foreground'),
    quiet: of('--panel-quiet'),
    line: of('--panel-line'),
    strongLine: of('--panel-strong-line'),
    focus: of('--panel-focus'),
    selected: of('--panel-selected'),
    error: of('--panel-error'),
    warning: of('--panel-warning'),
    info: of('--panel-info'),
    onFill: of('--panel-on-fill'),
    states,
    pixels: Uint32Array.from(states, (color) => toPixel(probe, color)),
    errorPixel: toPixel(probe, of('--panel-error')),
    actors: Array.from({ length: ACTOR_COLORS + 1 }, (_, index) =>
      of(index === 0 ? '--state-held' : `--actor-${index}`),
    ),
    font: of('--panel-font'),
    mono: of('--panel-mono'),
    contrast: /\bvscode-high-contrast/.test(document.body.className),
  };
}

/** Lets the browser read whatever colour syntax the theme uses. */
function toPixel(probe: CanvasRenderingContext2D | null, color: string): number {
  if (!probe) return 0xff808080;
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data;
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

type Hatch = '/' | 'x' | '.';

const patterns = new Map<string, CanvasPattern>();

/** A hatch in `color`: `/` for locks, `x` for the GIL, `.` for what is not known. Made once per colour and screen. */
export function hatch(
  context: CanvasRenderingContext2D,
  kind: Hatch,
  color: string,
  ratio: number,
): CanvasPattern | string {
  const key = `${kind}${color}${ratio}`;
  const known = patterns.get(key);
  if (known) return known;
  const drawn = drawTile(kind, color, ratio, 0);
  const pattern = drawn && context.createPattern(drawn.canvas, 'repeat');
  if (!pattern) return color;
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  patterns.set(key, pattern);
  return pattern;
}

export interface HatchTile {
  /** Rows and columns, device pixels. */
  readonly size: number;
  readonly pixels: Uint32Array;
}
const tiles = new Map<string, HatchTile>();

/** The same hatch on a faint ground of its colour, as pixels. Not to be seen through: the line of idle time lies below. */
export function hatchTile(
  kind: Hatch,
  color: string,
  ratio: number,
  background: string,
): HatchTile {
  const key = `${kind}${color}${ratio}${background}`;
  let tile = tiles.get(key);
  if (!tile) {
    const drawn = drawTile(kind, color, ratio, kind === '.' ? 0.06 : 0.2, background);
    const size = drawn?.canvas.width ?? 1;
    const data = drawn?.getImageData(0, 0, size, size).data ?? new Uint8ClampedArray(4);
    tile = { size, pixels: new Uint32Array(data.buffer) };
    tiles.set(key, tile);
  }
  return tile;
}

function drawTile(
  kind: Hatch,
  color: string,
  ratio: number,
  ground: number,
  below?: string,
): CanvasRenderingContext2D | null {
  const size = kind === '/' ? 6 : 5;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(size * ratio);
  canvas.height = canvas.width;
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  if (!brush) return null;
  brush.scale(canvas.width / size, canvas.width / size);
  if (below) {
    brush.fillStyle = below;
    brush.fillRect(0, 0, size, size);
  }
  brush.strokeStyle = color;
  brush.fillStyle = color;
  brush.globalAlpha = ground;
  brush.fillRect(0, 0, size, size);
  brush.globalAlpha = 1;
  brush.lineWidth = 1.3;
  if (kind === '.') {
    brush.fillRect(0, 0, 1, 1);
    return brush;
  }
  brush.beginPath();
  for (const shift of [-size, 0, size]) {
    brush.moveTo(shift - 1, size + 1);
    brush.lineTo(shift + size + 1, -1);
    if (kind === '/') continue;
    brush.moveTo(shift - 1, -1);
    brush.lineTo(shift + size + 1, size + 1);
  }
  brush.stroke();
  return brush;
}
