/** The manifest of a recording: written whole or not at all, read with suspicion. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, ProgramExit } from '../wire/recording.ts';
import { RecordingError } from './recordingError.ts';
import { refuseNewer } from './ringHeader.ts';

export const MANIFEST = 'manifest.json';
const NEXT = '.new';
const RESERVED_BYTES = 8192;
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const REASONS: readonly string[] = ['exited', 'timeout', 'deadlock', 'signal', 'stopped'];

export function writeManifest(folder: string, manifest: Manifest): void {
  const path = join(folder, MANIFEST);
  writeFileSync(path + NEXT, `${JSON.stringify(manifest)}\n`, { mode: 0o600 });
  renameSync(path + NEXT, path);
}

/** Takes the room that the last manifest needs, should the disk be full by then. */
export function reserveManifest(folder: string): void {
  writeFileSync(join(folder, MANIFEST) + NEXT, Buffer.alloc(RESERVED_BYTES, ' '), { mode: 0o600 });
}

/** @throws RecordingError when there is none, it is no manifest, or it is of a newer version. */
export function readManifest(folder: string, shown = folder): Manifest {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    if (statSync(path).size > LARGEST_MANIFEST) throw new Error('too large');
    text = readFileSync(path, 'utf8');
  } catch (failure) {
    throw new RecordingError(
      `${shown} is no recording: it has no readable manifest.json.`,
      'A recording is made by `interleave run --output NAME.interleave FILE.py`.',
      { cause: failure },
    );
  }
  return parseManifest(text, shown);
}

/** Fills what is missing or of a wrong type with harmless values: only the format and the version must be right. */
function parseManifest(text: string, shown: string): Manifest {
  const raw = parseObject(text);
  if (raw === undefined || raw.format !== 'interleave' || typeof raw.version !== 'number') {
    throw new RecordingError(
      `${shown} is no recording: its manifest.json is damaged or of another program.`,
    );
  }
  refuseNewer(raw.version);
  const startedAt = objectOf(raw.startedAt);
  const host = objectOf(raw.host);
  const exit = exitOf(raw.exit);
  const durationNs = raw.durationNs;
  return {
    format: 'interleave',
    version: raw.version,
    command: Array.isArray(raw.command) ? raw.command.map(String) : [],
    cwd: textOf(raw.cwd),
    startedAt: { monotonic: numberOf(startedAt.monotonic), wall: numberOf(startedAt.wall) },
    budgetBytes: numberOf(raw.budgetBytes),
    host: {
      platform: textOf(host.platform),
      arch: textOf(host.arch),
      cores: Math.max(1, numberOf(host.cores)),
    },
    ...(exit === undefined ? {} : { exit }),
    ...(typeof durationNs === 'number' ? { durationNs: numberOf(durationNs) } : {}),
  };
}

function exitOf(raw: unknown): ProgramExit | undefined {
  const exit = objectOf(raw);
  const reason = exit.reason;
  if (typeof reason !== 'string' || !REASONS.includes(reason)) return undefined;
  return {
    code: typeof exit.code === 'number' ? exit.code : null,
    signal: typeof exit.signal === 'string' ? exit.signal : null,
    reason: reason as ProgramExit['reason'],
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
