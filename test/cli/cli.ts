/** Runs the command line in tests, as a user would: a process of its own, from the source. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../wire/report.ts';

export const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called with the process and what it printed so far, at every piece of output. */
  readonly onOutput?: (pid: number, stdout: string, stderr: string) => void;
}

/** Colourless unless a test wants them. */
export function interleave(args: readonly string[], options: Options = {}): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(child.pid ?? 0, stdout, stderr);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(child.pid ?? 0, stdout, stderr);
    });
    child.once('error', fail);
    child.once('close', (status, signal) => done({ status, signal, stdout, stderr }));
  });
}

/** A folder with one Python program in it; gone after the test. */
export function program(t: TestContext, text: string, name = 'program.py'): string {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** The report on the last line of what was printed, and what came before it. */
export function split(stdout: string): { readonly before: string; readonly report: Report } {
  const at = stdout.lastIndexOf('\n', stdout.length - 2) + 1;
  return { before: stdout.slice(0, at), report: JSON.parse(stdout.slice(at)) as Report };
}
