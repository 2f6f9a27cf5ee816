/**
 * The language service's numbers: how fast it lints a whole library on one core (with ruff over the same files as the anchor,
 * where it is installed), how long a keystroke in a file of about a thousand lines takes to its diagnostics, in Python and in
 * TypeScript, and how soon the server answers after its start.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grammarFolder } from '../../server/grammarFolder.ts';
import { nodeWorkspace } from '../../server/nodeWorkspace.ts';
import { createLanguageService, type LanguageService } from '../../server/service.ts';
import { sourceFiles } from '../../server/sourceFiles.ts';
import { ROOT } from '../project.ts';
import { type SourceFile, scanOfManyFiles } from './lintWorkspace.ts';

const KEYSTROKES = 200;
const STARTS = 5;

const library = stdlib();
const service = await createLanguageService(
  nodeWorkspace([library]),
  grammarFolder(import.meta.url),
);
const files = [...sourceFiles(library, (path) => service.reads(path))]
  .filter((path) => !/\/(test|site-packages|idlelib|lib2to3)\//.test(path))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
const began = process.cpuUsage();
let found = 0;
for (const { path, text } of files) found += service.diagnose(path, text)?.length ?? 0;
const { user, system } = process.cpuUsage(began);
const cpuSeconds = (user + system) / 1e6;
const megabytes = bytes / 1e6;
console.log(
  `library: ${files.length} files, ${megabytes.toFixed(1)} MB, ${found} diagnostics, ${(megabytes / cpuSeconds).toFixed(1)} MB per CPU second (goal 5)`,
);

const anchor = ruff();
if (anchor !== undefined)
  console.log(
    `  ruff, its rules of the same kind on one thread: ${(megabytes / anchor).toFixed(1)} MB per CPU second`,
  );

const long = nearest(files, /async def/);
if (long !== undefined) typed('Python', long.path, long.text);

const libraries = join(ROOT, 'node_modules', '@azure');
const own = scriptsBelow(ROOT);
const bought = scriptsBelow(libraries);
for (const { path } of [...own, ...bought]) await service.prepare(path);
console.log(`TypeScript: ${speedOver(own)} of this project`);
console.log(`TypeScript and JavaScript: ${speedOver(bought)} of a library with its bundles`);
const longScript = nearest([...own, ...bought], /\basync\b/);
if (longScript !== undefined) typed('TypeScript', longScript.path, longScript.text);

const workspace = await scanOfManyFiles(files);
const peak = workspace.peakMegabytes;
console.log(
  `workspace of 10 000 files: scanned in ${workspace.scanSeconds.toFixed(0)} s; meanwhile an opened file has its diagnostics after ${at(workspace.opened, 0.5)} ms median, ${at(workspace.opened, 1)} ms at most; ${peak === undefined ? '' : `${peak.toFixed(0)} MB at most; `}ends ${workspace.cancelMs.toFixed(0)} ms after it is cancelled`,
);

const starts: number[] = [];
for (let turn = 0; turn < STARTS; turn++) starts.push(await serverStart());
console.log(`server start: ${at(starts, 0.5)} ms median of ${STARTS} (goal 300)`);

function stdlib(): string {
  const ask = 'import sysconfig; print(sysconfig.get_paths()["stdlib"])';
  return spawnSync('python3', ['-c', ask], { encoding: 'utf8' }).stdout.trim();
}

/** The file with the expression that is nearest to a thousand lines. */
function nearest(among: readonly SourceFile[], has: RegExp): SourceFile | undefined {
  const distance = (text: string) => Math.abs(text.split('\n').length - 1000);
  return among
    .filter(({ text }) => has.test(text))
    .sort((one, other) => distance(one.text) - distance(other.text))[0];
}

function scriptsBelow(folder: string): SourceFile[] {
  return [...sourceFiles(folder, (path) => /(?<!\.d)\.[mc]?[jt]sx?$/.test(path))].map((path) => ({
    path,
    text: readFileSync(path, 'utf8'),
  }));
}

function speedOver(scripts: readonly SourceFile[]): string {
  const before = process.cpuUsage();
  let count = 0;
  for (const { path, text } of scripts) count += service.diagnose(path, text)?.length ?? 0;
  const { user, system } = process.cpuUsage(before);
  const size = scripts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return `${scripts.length} files, ${(size / 1e6).toFixed(1)} MB, ${count} diagnostics, ${(size / (user + system)).toFixed(1)} MB per CPU second`;
}

function typed(language: string, path: string, text: string): void {
  const { times, cpu } = keystrokes(service, path, text);
  console.log(
    `keystroke in ${language}: ${text.split('\n').length} lines, ${at(times, 0.5)} ms median, ${at(times, 0.95)} ms p95 (goal 30); of its own thread's CPU ${at(cpu, 0.5)} and ${at(cpu, 0.95)} ms`,
  );
}

/** CPU seconds of ruff over the same files; undefined where \`npm run check\` has not installed it. */
function ruff(): number | undefined {
  const folder = join(ROOT, '.cache', 'check-python');
  const binary = [join(folder, 'bin', 'ruff'), join(folder, 'Scripts', 'ruff.exe')].find(
    existsSync,
  );
  if (binary === undefined) return undefined;
  const rules = 'ASYNC,B023,B039,PLW1509,PLW2101,RUF006,RUF029';
  const meter = join(ROOT, 'scripts', 'bench', 'cpuTime.py');
  const args = ['check', '--isolated', '--no-cache', '--preview', '--select', rules, '--quiet'];
  const run = spawnSync('python3', [meter, binary, ...args, ...files.map(({ path }) => path)], {
    encoding: 'utf8',
    env: { ...process.env, RAYON_NUM_THREADS: '1' },
  });
  const seconds = Number(run.stdout.trim().split(' ')[0]);
  return seconds > 0 ? seconds : undefined;
}

/** One character typed and taken back, here and there: each time the diagnostics of the whole file. */
function keystrokes(linter: LanguageService, path: string, text: string) {
  linter.diagnose(path, text);
  const times: number[] = [];
  const cpu: number[] = [];
  for (let stroke = 0; stroke < KEYSTROKES; stroke++) {
    const place = text.indexOf('\n', Math.floor((text.length * stroke) / KEYSTROKES));
    const changed = `${text.slice(0, place)} ${text.slice(place)}`;
    const used = process.threadCpuUsage();
    const before = performance.now();
    linter.diagnose(path, changed);
    times.push(performance.now() - before);
    const { user, system } = process.threadCpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  return { times, cpu };
}

/** From the start of the process to its answer to `initialize`. */
function serverStart(): Promise<number> {
  return new Promise((done) => {
    const before = performance.now();
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'server.js'), '--stdio']);
    child.stdout.once('data', () => {
      done(performance.now() - before);
      child.kill();
    });
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { processId: process.pid, rootUri: null, capabilities: {} },
    });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}

function at(times: readonly number[], share: number): string {
  const sorted = [...times].sort((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}
