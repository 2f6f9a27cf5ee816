/** What a program needs to be recorded, for whoever starts it: a folder with a manifest, and the environment. */
import { arch, availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Manifest, type ProgramExit, RECORDING_VERSION } from '../wire/recording.ts';
import { reserveManifest, writeManifest } from './manifest.ts';

export interface PrepareOptions {
  /** An empty folder that only this recording uses. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Environment the program will have; only `PYTHONPATH` is looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `probe/python` of this installation. */
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
  return {
    manifest,
    env: {
      INTERLEAVE_RECORDING: options.folder,
      INTERLEAVE_OPTIONS: `detail=${options.detail};budget=${options.budgetBytes};sample=${options.sampleMs ?? 10}${coreOf(options.env)}`,
      PYTHONPATH: own === undefined || own === '' ? bootstrap : `${bootstrap}${delimiter}${own}`,
    },
  };
}

/** `INTERLEAVE_OPTIONS=core=python` around the launcher keeps the probe from its native core. */
function coreOf(env: PrepareOptions['env']): string {
  const core = /(?:^|;)core=(\w+)/.exec(env.INTERLEAVE_OPTIONS ?? '')?.[1];
  return core === undefined ? '' : `;core=${core}`;
}

/** Writes the last manifest, if that can be, and returns it: what else was recorded is worth reading all the same. */
export function finishManifest(folder: string, manifest: Manifest, exit: ProgramExit): Manifest {
  const durationNs = monotonicNow() - manifest.startedAt.monotonic;
  const finished = { ...manifest, exit, durationNs };
  try {
    writeManifest(folder, finished);
  } catch {
    // The disk is full, or the folder gone: whoever has the run knows how it ended.
  }
  return finished;
}

/** The launcher's monotonic clock, the same as the probes', in ns. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint());
}
