/** Finds the Nodes of this machine: those on the PATH and the one that runs our scripts, which `npm ci` brings where it has to. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './project.ts';

export interface NodeBinary {
  readonly path: string;
  readonly version: readonly number[];
}

/** One of each major version from 18 on, oldest first. */
export async function allNodes(): Promise<readonly NodeBinary[]> {
  const found = new Map<number, NodeBinary>();
  for (const command of [...onPath(), process.execPath]) {
    const node = await ask(command);
    const major = node?.version[0] ?? 0;
    if (node !== undefined && major >= 18 && !found.has(major)) found.set(major, node);
  }
  return [...found.values()].sort((one, other) => one.version[0]! - other.version[0]!);
}

/** All of them: `npm test` puts the project's own before the user's. */
function onPath(): readonly string[] {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

/** Behind shims of version managers the executable itself tells where it is. */
async function ask(command: string): Promise<NodeBinary | undefined> {
  const script = 'console.log([process.execPath, process.versions.node].join("\\n"))';
  const { code, text } = await capture(command, ['-e', script]).catch(() => ({
    code: 1,
    text: '',
  }));
  const [path, version] = text.split(/\r?\n/);
  if (code !== 0 || path === undefined || version === undefined) return undefined;
  return { path, version: version.split('.').map(Number) };
}
