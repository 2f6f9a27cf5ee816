/** A sweep as a process of its own: the command line does it, so that the editor neither computes nor waits. */
import { spawn } from 'node:child_process';
import type { Program } from './program.ts';

export interface SweepRequest {
  /** The command line's script. */
  readonly script: string;
  readonly program: Pick<Program, 'command' | 'cwd' | 'env'>;
  /** `WORKERS=1,2,4,8` */
  readonly parameter: string;
  readonly repeats: number;
}

export interface SweepOutcome {
  /** The page, '' where there is nothing to show. */
  readonly page: string;
  /** What went wrong, as the command line and the program said it. */
  readonly words: string;
}

/** Runs there are to be, with the one that warms up. */
export function runsOf({
  parameter,
  repeats,
}: Pick<SweepRequest, 'parameter' | 'repeats'>): number {
  return levelsOf(parameter).length * repeats + 1;
}

export function levelsOf(parameter: string): readonly string[] {
  return parameter.slice(parameter.indexOf('=') + 1).split(',');
}

/** @param cancelled tells when nobody wants to wait any longer: what was measured until then is told. */
export function sweepProcess(
  { script, program, parameter, repeats }: SweepRequest,
  begins: (run: string) => void,
  cancelled: (cancel: () => void) => void,
): Promise<SweepOutcome> {
  const options = ['--param', parameter, '--repeat', String(repeats)];
  const args = [script, 'sweep', ...options, '--format', 'markdown', '--progress'];
  const child = spawn(process.execPath, [...args, '--', ...program.command], {
    cwd: program.cwd,
    // The editor's own executable is Node only if it is told so.
    env: { ...process.env, ...program.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cancelled(() => child.kill('SIGINT'));
  let page = '';
  let words = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    page += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (isProgress(line, parameter)) begins(line);
      else words += `${line}\n`;
    }
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', () => done({ page, words: (words + rest).trim() }));
  });
}

function isProgress(line: string, parameter: string): boolean {
  const name = parameter.slice(0, parameter.indexOf('='));
  return line.startsWith(`${name}=`) && /, (?:to warm up|run \d+ of \d+)$/.test(line);
}

/** What is wrong with a parameter as it was typed; undefined where nothing is. */
export function whyNoParameter(text: string): string | undefined {
  if (!/^[A-Za-z_]\w*=/.test(text)) return 'A name and its levels: WORKERS=1,2,4,8';
  const levels = levelsOf(text).map((level) => level.trim());
  if (levels.length < 2 || levels.includes('')) {
    return 'Two levels and more, with commas between: WORKERS=1,2,4,8';
  }
  return new Set(levels).size < levels.length ? 'A level is named twice.' : undefined;
}

/** Whether the program can see the level at all. */
export function readsParameter(
  parameter: string,
  source: string,
  command: readonly string[],
): boolean {
  const name = parameter.slice(0, parameter.indexOf('='));
  return command.some((word) => word.includes(`{${name}}`)) || source.includes(name);
}

/** The first environment variable that a program reads, with levels to begin with; '' where it reads none. */
export function likelyParameter(source: string): string {
  const reads =
    /\b(?:os\.)?(?:environ(?:\.get\(|\[)|getenv\()\s*['"]([A-Za-z_]\w*)['"]|\bprocess\.env\.([A-Za-z_]\w*)/.exec(
      source,
    );
  const name = reads?.[1] ?? reads?.[2];
  return name === undefined ? '' : `${name}=1,2,4,8`;
}
