// Runs a TypeScript script with a Node that strips types by itself (22.18 or newer): the one on the
// PATH when it is new enough, else the one that `npm ci` put beside us.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Path of a Node that can run this project's `.ts` files, or undefined. */
export function modernNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const packaged = join(root, 'node_modules', name, 'bin', binary);
  return existsSync(packaged) ? packaged : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = modernNode();
  if (node === undefined) {
    console.error(
      `This project's scripts need Node 22.18 or newer; this is ${process.versions.node}, and npm has no packaged Node for ${process.platform}-${process.arch}. Install a newer Node and run the same command again.`,
    );
    process.exit(2);
  }
  const result = spawnSync(node, process.argv.slice(2), { stdio: 'inherit' });
  if (result.signal !== null) process.kill(process.pid, result.signal);
  process.exit(result.status ?? 1);
}
