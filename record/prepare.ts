/** What a program needs to be recorded, for whoever starts it: a folder with a manifest, and the environment. */
import { existsSync } from 'node:fs';
import { arch, availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Manifest, type ProgramExit, RECORDING_VERSION } from '../wire/recording.ts';
import { streamStart, streamsIn } from './follow.ts';
import { reserveManifest, writeManifest } from './manifest.ts';

export interface PrepareOptions {
  /** An empty folder that only this recording uses. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Environment the program will have; only `PYTHONPATH` and `NODE_OPTIONS` are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `probe/python` of this installation; `probe/node` lies beside it. */
  readonly probeFolder: string;
  readonly detail: 'default' | 'full';
  readonly budgetBytes: number;
  /** Sampling interval in ms. */
  readonly sampleMs?: number;
}

export interface Prepared {
  readonly manifest: Manifest;
  /** To be added to the program's environment: nothing of its own is changed. */
  readonly env: Readonly<Record<string, string>>;
}

/** Writes the first manifest. @throws when the folder cannot be written. */
export function prepareRecording(options: PrepareOptions): Prepared {
  const manifest: Manifest = {
    format: 'interleave',
    version: RECORDING_VERSION,
    command: options.command,
    cwd: options.cwd,
    startedAt: { monotonic: monotonicNow(), wall: Date.now() * 1e6 },
    budgetBytes: options.budgetBytes,
    host: { platform: process.platform, arch: arch(), cores: availableParallelism() },
  };
  writeManifest(options.folder, manifest);
  reserveManifest(options.folder);
  const bootstrap = join(options.probeFolder, 'bootstrap');
  const own = options.env.PYTHONPATH;
  const nodeBootstrap = join(dirname(options.probeFolder), 'node', 'bootstrap.cjs');
  return {
    manifest,
    env: {
      INTERLEAVE_RECORDING: options.folder,
      INTERLEAVE_OPTIONS: `detail=${options.detail};budget=${options.budgetBytes};sample=${options.sampleMs ?? 10}${coreOf(options.env)}`,
      PYTHONPATH: own === undefined || own === '' ? bootstrap : `${bootstrap}${delimiter}${own}`,
      ...(existsSync(nodeBootstrap) && !isLocked(options)
        ? { NODE_OPTIONS: nodeOptions(nodeBootstrap, options.env.NODE_OPTIONS) }
        : {}),
    },
  };
}

/** A Node that may read only what it was told to would not start with a file of ours. */
function isLocked({ command, env }: PrepareOptions): boolean {
  const locked = /(?:^|\s)--(?:experimental-)?permission(?:\s|$)/;
  return locked.test(env.NODE_OPTIONS ?? '') || command.some((word) => locked.test(word));
}

/** Ours first: what the program loads before itself then finds everything in its place. */
function nodeOptions(bootstrap: string, own: string | undefined): string {
  const quoted = `--require "${bootstrap.replace(/[\\"]/g, '\\$&')}"`;
  return own === undefined || own.trim() === '' ? quoted : `${quoted} ${own}`;
}

/** `INTERLEAVE_OPTIONS=core=python` around the launcher keeps the probe from its native core. */
function coreOf(env: PrepareOptions['env']): string {
  const core = /(?:^|;)core=(\w+)/.exec(env.INTERLEAVE_OPTIONS ?? '')?.[1];
  return core === undefined ? '' : `;core=${core}`;
}

/**
 * The manifest of a run that begins with its first process, written if that can be: what starts the program may take its
 * time before, as a terminal does that opens first.
 */
export function beginManifest(folder: string, manifest: Manifest): Manifest {
  const first = Math.min(...streamsIn(folder).map(streamStart));
  const waitedNs = first - manifest.startedAt.monotonic;
  if (!(waitedNs > 0 && waitedNs < Number.POSITIVE_INFINITY)) return manifest;
  const { monotonic, wall } = manifest.startedAt;
  const begun = {
    ...manifest,
    startedAt: { monotonic: monotonic + waitedNs, wall: wall + waitedNs },
  };
  rewrite(folder, begun, reserveManifest);
  return begun;
}

/**
 * The last manifest, written if that can be: what else was recorded is worth reading all the same. The program ended at
 * `endedAt`, monotonic ns.
 */
export function finishManifest(
  folder: string,
  manifest: Manifest,
  exit: ProgramExit,
  endedAt = monotonicNow(),
): Manifest {
  const durationNs = Math.max(0, endedAt - manifest.startedAt.monotonic);
  const finished = { ...manifest, exit, durationNs };
  rewrite(folder, finished);
  return finished;
}

function rewrite(folder: string, manifest: Manifest, then?: (folder: string) => void): void {
  try {
    writeManifest(folder, manifest);
    then?.(folder);
  } catch {
    // The disk is full, or the folder gone: whoever has the run knows what it says.
  }
}

/** The launcher's monotonic clock, the same as the probes', in ns. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint());
}
