/** Canvases that are sharp on every screen, and the one animation frame of the panel. */

/** Order within a frame: first what decides sizes, then drawing, then what only reads. */
type Phase = 'layout' | 'draw' | 'after';
const PHASES: readonly Phase[] = ['layout', 'draw', 'after'];

const jobs: Record<Phase, Set<() => void>> = {
  layout: new Set(),
  draw: new Set(),
  after: new Set(),
};
let asked = false;

/** Runs `job` once in the next frame, however often it is asked for. */
export function nextFrame(phase: Phase, job: () => void): void {
  jobs[phase].add(job);
  if (asked) return;
  asked = true;
  requestAnimationFrame(runFrame);
}

function runFrame(): void {
  asked = false;
  for (const phase of PHASES) {
    const due = [...jobs[phase]];
    jobs[phase].clear();
    for (const job of due) job();
  }
}

export interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

export function surface(canvas: HTMLCanvasElement): Surface {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This webview cannot draw: it has no 2D canvas.');
  return { canvas, context, width: 0, height: 0, ratio: 1 };
}

/** Fits the canvas to a size in CSS pixels and clears it; drawing goes on in CSS pixels. */
export function beginDrawing(on: Surface, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  if (on.width !== width || on.height !== height || on.ratio !== ratio) {
    on.width = width;
    on.height = height;
    on.ratio = ratio;
    on.canvas.width = Math.round(width * ratio);
    on.canvas.height = Math.round(height * ratio);
    on.canvas.style.width = `${width}px`;
    on.canvas.style.height = `${height}px`;
  }
  on.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  on.context.clearRect(0, 0, width, height);
  return on.context;
}

export interface Size {
  /** CSS pixels, padding included. */
  width: number;
  height: number;
}

/** The element's size, kept up to date without asking for it: asking makes the browser lay out the page at once. */
export function watchSize(element: HTMLElement, changed: () => void): Size {
  const size: Size = { width: 0, height: 0 };
  new ResizeObserver(() => {
    size.width = element.clientWidth;
    size.height = element.clientHeight;
    changed();
  }).observe(element);
  return size;
}
