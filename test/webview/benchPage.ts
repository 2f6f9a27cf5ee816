/** The bench's other side: makes lanes full of slices, sends them in chunks as a session does, and times every frame with its raster. */
import { type Lane, SLICE_STATES, type SlicePart, STATE, type ToPanel } from '../../wire/panel.ts';
import { numbers } from './drawing.ts';

const LANES = 64;
const CHUNK = 45_000;
const RUN_NS = 60e9;
const STATES = [
  STATE.running,
  STATE.io,
  STATE.running,
  STATE.lock,
  STATE.gil,
  STATE.running,
  STATE.waiting,
];

export interface BenchResult {
  /** From the first chunk sent to the first picture with all slices in it, ms. */
  readonly first: number;
  /** ms of each frame, in the order they were drawn: the same frames in every pass. */
  readonly frames: Readonly<Record<'out' | 'pan' | 'zoom' | 'key', readonly number[]>>;
}

declare global {
  interface Window {
    bench: (slices: number) => Promise<BenchResult>;
  }
}

const frameTimes: number[] = [];
const nativeFrame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) =>
  nativeFrame((time) => {
    const began = performance.now();
    callback(time);
    const canvas = document.querySelector<HTMLCanvasElement>('.lanes-canvas');
    // Reading one pixel makes the browser really draw.
    canvas?.getContext('2d')?.getImageData(0, 0, 1, 1);
    frameTimes.push(performance.now() - began);
  });

window.acquireVsCodeApi = () => ({
  postMessage: () => undefined,
  getState: () => null,
  setState: () => undefined,
});

function say(data: ToPanel): void {
  window.dispatchEvent(new MessageEvent('message', { data }));
}

const frame = () => new Promise<void>((done) => nativeFrame(() => setTimeout(done, 0)));

function lanes(): Lane[] {
  return Array.from({ length: LANES }, (_, index) => ({
    id: index + 1,
    parent: 0,
    kind: 'thread' as const,
    content: 'slices' as const,
    name: `worker_${index}`,
    note: '',
    pid: 1,
    color: 1 + (index % 7),
    library: false,
    collapsed: false,
    from: 0,
    to: null,
  }));
}

/** Runs of short slices with long ones between, as real programs have. */
function chunks(total: number): ToPanel[] {
  const perLane = Math.ceil(total / LANES);
  const messages: ToPanel[] = [];
  for (let lane = 0; lane < LANES; lane++) {
    const random = numbers(lane + 1);
    let at = 0;
    for (let done = 0; done < perLane; ) {
      const count = Math.min(CHUNK, perLane - done);
      const columns = {
        start: new Float64Array(count),
        end: new Float64Array(count),
        state: new Uint8Array(count),
        label: new Uint32Array(count),
        mark: new Uint8Array(count),
      };
      for (let index = 0; index < count; index++) {
        const length = ((RUN_NS / perLane) * (0.2 + random() * 1.5)) / 1.05;
        columns.start[index] = at;
        columns.end[index] = at + length * 0.9;
        columns.state[index] = STATES[Math.floor(random() * STATES.length)]!;
        columns.label[index] = 1 + Math.floor(random() * 5);
        at += length;
      }
      const part: SlicePart = { lane: lane + 1, keep: done, offset: 0, count };
      messages.push({ type: 'slices', mode: 'complete', parts: [part], columns });
      done += count;
    }
  }
  return messages;
}

async function measured(count: number, step: (index: number) => void): Promise<readonly number[]> {
  await frame();
  frameTimes.length = 0;
  for (let index = 0; index < count; index++) {
    step(index);
    await frame();
  }
  return [...frameTimes];
}

const press = (code: string, shiftKey = false) =>
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { code, key: code, shiftKey, bubbles: true }),
  );

window.bench = async (slices) => {
  const messages = chunks(slices);
  say({
    type: 'run',
    run: {
      state: 'finished',
      title: 'bench',
      command: [],
      pid: 1,
      processes: 1,
      elapsedNs: RUN_NS,
      startedAt: 0,
      records: slices,
      dropped: 0,
      overheadNs: 0,
      overheadShare: 0,
      endedBadly: false,
      message: '',
      can: [],
      cores: 4,
      runtimes: [],
      blind: [],
    },
  });
  say({
    type: 'labels',
    first: 1,
    labels: ['price_basket', 'simulate', 'wait ledger_lock', 'handle_order', 'await http GET'],
  });
  await frame();
  const began = performance.now();
  say({ type: 'lanes', lanes: lanes() });
  say({
    type: 'overview',
    overview: {
      from: 0,
      to: RUN_NS,
      buckets: 1,
      time: new Float32Array(SLICE_STATES.length),
      lanes: LANES,
    },
  });
  for (const message of messages) say(message);
  await frame();
  const first = performance.now() - began;
  press('Backspace');
  const out = await measured(40, (index) => press(index % 2 ? 'KeyA' : 'KeyD', true));
  for (let index = 0; index < 7; index++) press('KeyW');
  const pan = await measured(60, (index) => press(index % 40 < 20 ? 'KeyD' : 'KeyA', true));
  press('Backspace');
  const zoomed = await measured(60, (index) => press(index % 40 < 20 ? 'KeyW' : 'KeyS'));
  press('Backspace');
  await frame();
  const grid = document.querySelector<HTMLElement>('.lane-grid')!;
  grid.focus();
  const key = await measured(40, (index) =>
    grid.dispatchEvent(
      new KeyboardEvent('keydown', {
        code: index % 2 ? 'ArrowRight' : 'ArrowDown',
        key: 'x',
        bubbles: true,
      }),
    ),
  );
  return { first, frames: { out, pan, zoom: zoomed, key } };
};
