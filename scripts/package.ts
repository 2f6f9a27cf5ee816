/** Builds everything small and packs it as interleave.vsix. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatBytes } from '../base/format.ts';
import { buildAll } from './build.ts';
import { capture, ROOT, tool } from './project.ts';

/** Path of the finished package. @throws when vsce refuses, with its words. */
export async function packageExtension(): Promise<string> {
  await buildAll(true);
  const target = join(ROOT, 'build', 'interleave.vsix');
  mkdirSync(dirname(target), { recursive: true });
  const [node, vsce] = tool('@vscode/vsce/vsce');
  const { code, text } = await capture(node, [
    vsce,
    'package',
    // Everything is in the bundles.
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--skip-license',
    '--out',
    target,
  ]);
  if (code !== 0) throw new Error(`The package could not be made:\n${text}`);
  return target;
}

if (import.meta.main) {
  const file = await packageExtension();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  console.log(`${file}: version ${version}, ${formatBytes(statSync(file).size)}`);
}
