/** What the scripts share: where the project is, and running a command in it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const windows = process.platform === 'win32';

/** Runs a command with our own input and output; resolves to its exit status. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

/** Runs a command and gives what it printed on both streams, and its exit status. */
export function capture(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd: string = ROOT,
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', (code) =>
      done({ code: code ?? 1, text: Buffer.concat(chunks).toString() }),
    );
  });
}

/** A tool of node_modules as a command and its first argument: the JavaScript itself, so that no shell is needed on Windows. */
export function tool(path: string): readonly [command: string, script: string] {
  return [process.execPath, join(ROOT, 'node_modules', path)];
}

/** Whether a file of the project is there: parts that come later are left out until then. */
export function has(path: string): boolean {
  return existsSync(join(ROOT, path));
}
