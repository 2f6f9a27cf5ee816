/**
 * Real VS Code where no desktop VS Code is: code-server (VS Code's own workbench and extension host, in a browser),
 * installed once per lockfile into `.cache/`, started on a loopback port, stopped with everything it started.
 * The editor tests use it, and `npm start` opens it for a newcomer.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './project.ts';

const lockFolder = join(ROOT, 'test', 'host');

export interface EditorHost {
  readonly url: string;
  /** Home of this editor alone: settings, extensions, logs. Removed by `stop`. */
  readonly home: string;
  stop(): Promise<void>;
}

export interface EditorHostOptions {
  /** Packaged extensions to install before the start. */
  readonly vsix?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets a page run a Mocha suite inside the extension host. Hides toasts and dialogs: off for UI tests. */
  readonly smokeTestDriver?: boolean;
  /** Asks before it trusts a folder, as a desktop VS Code does. */
  readonly workspaceTrust?: boolean;
  /** Added to the environment of the editor and so of what it starts. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Node 24 or newer, which this code-server needs. */
function editorNode(): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const packaged = join(ROOT, 'node_modules', name, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `The editor host needs Node 24 and npm has no packaged one for ${process.platform}-${process.arch}. Install Node 24, or set VSCODE_EXECUTABLE to a desktop VS Code.`,
  );
}

/** Installs the host when this lockfile's was not yet; returns its folder. About a minute, once. */
export function installEditorHost(log: (line: string) => void = () => {}): string {
  const lock = readFileSync(join(lockFolder, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = join(ROOT, '.cache', `editor-host-${key}`);
  if (existsSync(join(folder, 'ready'))) return folder;
  log('Installing a real VS Code (code-server) from the package registry, once; about a minute …');
  // Built under another name, so that an interrupted installation is never taken for a whole one.
  const building = `${folder}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(lockFolder, file), join(building, file));
  }
  const node = editorNode();
  const env: Record<string, string> = {
    ...plainEnvironment(),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
  };
  const npm = (cwd: string, ...args: string[]): boolean => {
    const run = spawnSync('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    if (run.status !== 0)
      log(run.stderr?.toString().split('\n').slice(-12).join('\n') ?? String(run.error));
    return run.status === 0;
  };
  const need = (done: boolean, what: string): void => {
    if (!done) throw new Error(`Could not install the editor host: ${what} failed (see above).`);
  };
  need(npm(building, 'ci', '--ignore-scripts'), 'npm ci of code-server');
  const vscode = join(building, 'node_modules', 'code-server', 'lib', 'vscode');
  // Its own lockfile does not fit its package.json, so `install`, not `ci`.
  need(
    npm(vscode, 'install', '--omit=dev', '--ignore-scripts'),
    "npm install of the editor's parts",
  );
  need(
    npm(join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts'),
    "npm install of the editor's extensions",
  );
  env.npm_config_nodedir = dirname(dirname(node));
  if (!npm(vscode, 'rebuild', '@vscode/spdlog')) {
    log('No compiler for the logger: output channels will stay empty in this editor host.');
    writeFileSync(join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'), SILENT_LOGGER);
  }
  writeFileSync(join(building, 'ready'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
  return folder;
}

/** Stands in for the native logger when it cannot be compiled: same calls, nothing written. */
const SILENT_LOGGER = `
class Logger {
  trace() {} debug() {} info() {} warn() {} error() {} critical() {}
  getLevel() { return 6; } setLevel() {} setPattern() {} clearFormatters() {} flush() {} drop() {}
}
const make = async () => new Logger();
module.exports = { version: 0, setLevel() {}, setFlushOn() {}, shutdown() {}, Logger,
  createRotatingLogger: make, createAsyncRotatingLogger: make };
`;

export async function startEditorHost(options: EditorHostOptions = {}): Promise<EditorHost> {
  const installed = installEditorHost((line) => process.stderr.write(`${line}\n`));
  const home = mkdtempSync(join(tmpdir(), 'ilv-editor-'));
  const userData = join(home, 'user-data');
  const extensions = join(home, 'extensions');
  mkdirSync(join(userData, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  mkdirSync(join(home, 'tmp'));
  writeFileSync(join(home, 'config.yaml'), '');
  const settings = { ...QUIET_SETTINGS, ...options.settings };
  writeFileSync(join(userData, 'User', 'settings.json'), JSON.stringify(settings, null, 2));
  const env = {
    ...plainEnvironment(),
    ...options.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    TMPDIR: join(home, 'tmp'),
  };
  const node = editorNode();
  const entry = join(installed, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  const common = [entry, '--config', join(home, 'config.yaml'), '--user-data-dir', userData];
  common.push('--extensions-dir', extensions);
  for (const vsix of options.vsix ?? []) {
    const args = [...common, '--install-extension', vsix, '--force'];
    const run = spawnSync(node, args, { env, encoding: 'utf8', timeout: 120_000 });
    if (run.status !== 0) throw new Error(`Could not install ${vsix}:\n${run.stdout}${run.stderr}`);
  }
  const port = await freePort();
  const args = [...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, ...QUIET_FLAGS];
  if (!options.workspaceTrust) args.push('--disable-workspace-trust');
  if (options.smokeTestDriver) args.push('--vscode-option', 'enable-smoke-test-driver');
  const child = spawn(node, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
  child.stderr.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilHealthy(url, child);
  } catch (failure) {
    await stopGroup(child);
    throw new Error(`The editor host did not start: ${String(failure)}\n${output}`);
  }
  return {
    url,
    home,
    async stop() {
      await stopGroup(child);
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

const QUIET_FLAGS = [
  '--disable-telemetry',
  '--disable-update-check',
  '--disable-getting-started-override',
  '--ignore-last-opened',
  '--disable-proxy',
];

const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'remote.autoForwardPorts': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
};

/**
 * The environment without what npm, an outer editor or coverage tools put there, and without what code-server itself takes from it:
 * a PORT of somebody else's would win over ours.
 */
function plainEnvironment(): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (
      value === undefined ||
      /^(npm_|VSCODE_|NODE_OPTIONS$|ELECTRON_|CODE_SERVER_|PORT$|(HASHED_)?PASSWORD$)/i.test(name)
    )
      continue;
    plain[name] = value;
  }
  return plain;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it exited with ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/healthz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error('no answer within 60 s');
}

/** The server and everything that it started share one process group. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  for (const [signal, patience] of [
    ['SIGTERM', 4000],
    ['SIGKILL', 4000],
  ] as const) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      try {
        process.kill(-child.pid, 0);
      } catch {
        return;
      }
    }
  }
}

/** Browsers to drive the editor with, best first: named by the user, packaged, installed. */
export async function browserExecutable(): Promise<string> {
  const named = process.env.BROWSER_EXECUTABLE;
  if (named !== undefined) return named;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    return await chromium.executablePath();
  } catch {
    const places = ['/usr/bin', '/usr/local/bin', '/snap/bin'];
    for (const place of places.filter((folder) => existsSync(folder))) {
      const found = readdirSync(place).find((name) =>
        /^(chromium|chromium-browser|google-chrome)$/.test(name),
      );
      if (found !== undefined) return join(place, found);
    }
    throw new Error('No browser found. Install Chromium or set BROWSER_EXECUTABLE to one.');
  }
}

export const BROWSER_FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
