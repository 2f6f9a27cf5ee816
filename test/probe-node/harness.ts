/** Runs a Node program bare or with the probe inside, and reads what was recorded of it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildReport } from '../../engine/report.ts';
import { Trace } from '../../engine/trace.ts';
import { follow } from '../../record/follow.ts';
import { prepareRecording } from '../../record/prepare.ts';
import { sourceLines } from '../../record/sourceLines.ts';
import type { Report } from '../../wire/report.ts';

const PROBE = fileURLToPath(new URL('../../probe/python', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface How {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Ends it by SIGKILL after so long. */
  readonly killAfterMs?: number;
}

export interface Recorded extends Ended {
  readonly trace: Trace;
  readonly report: Report;
  readonly folder: string;
}

/** A folder that is gone after the test. */
export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'interleave node '));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function programIn(t: TestContext, source: string, name = 'program.cjs'): string {
  const file = join(folderOf(t), name);
  writeFileSync(file, source);
  return file;
}

export function run(node: string, args: readonly string[], how: How = {}): Promise<Ended> {
  return new Promise((done, fail) => {
    // Nothing of our own runner, nor of a recording that we may be in ourselves.
    const {
      NODE_TEST_CONTEXT: _,
      NODE_OPTIONS: __,
      INTERLEAVE_RECORDING: ___,
      ...own
    } = process.env;
    const child = spawn(node, args, { env: { ...own, ...how.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined).end(how.input ?? '');
    if (how.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), how.killAfterMs);
    child.once('error', fail);
    child.once('close', (status, signal) => done({ status, signal, stdout, stderr }));
  });
}

/** The same with the probe inside. */
export async function record(
  t: TestContext,
  node: string,
  args: readonly string[],
  how: How & { readonly budgetBytes?: number } = {},
): Promise<Recorded> {
  const folder = join(folderOf(t), 'recording');
  mkdirSync(folder);
  const prepared = prepareRecording({
    folder,
    command: [node, ...args],
    cwd: process.cwd(),
    env: { ...process.env, ...how.env },
    probeFolder: PROBE,
    detail: 'default',
    budgetBytes: how.budgetBytes ?? 64 * 1024 * 1024,
  });
  const ended = await run(node, args, { ...how, env: { ...how.env, ...prepared.env } });
  const trace = new Trace({ sourceLine: sourceLines() });
  const follower = follow(folder);
  follower.batches((batch) => trace.add(batch));
  await follower.finish();
  return { ...ended, trace, report: buildReport(trace, prepared.manifest), folder };
}
