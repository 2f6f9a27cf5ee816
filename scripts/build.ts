/** Bundles every part into dist/. `--watch` goes on doing so; `--minify` for the package. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, context } from 'esbuild';
import { has, ROOT } from './project.ts';

/** In a CommonJS bundle there is no import.meta.url; files beside the bundle are found all the same. */
const META_URL = {
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: {
    js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
  },
} satisfies BuildOptions;

/** Some packages are CommonJS inside and call require. */
const REQUIRE = {
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
} satisfies BuildOptions;

const NODE = { platform: 'node', target: 'node20' } satisfies BuildOptions;

/** Each bundle with its entry point; those whose part is not there are left out. */
const BUNDLES: readonly (BuildOptions & { readonly entry: string; readonly outfile: string })[] = [
  { entry: 'cli/main.ts', outfile: 'dist/cli.js', format: 'esm', ...NODE, ...REQUIRE },
  {
    entry: 'extension/extension.ts',
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
    ...NODE,
    ...META_URL,
  },
  { entry: 'server/main.ts', outfile: 'dist/server.js', format: 'esm', ...NODE, ...REQUIRE },
  { entry: 'extension/worker.ts', outfile: 'dist/worker.js', format: 'esm', ...NODE, ...REQUIRE },
  {
    entry: 'webview/main.ts',
    outfile: 'dist/webview.js',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  },
  { entry: 'webview/style.css', outfile: 'dist/webview.css', platform: 'browser' },
  {
    entry: 'webview/compare/main.ts',
    outfile: 'dist/compare.js',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  },
  { entry: 'webview/compare.css', outfile: 'dist/compare.css', platform: 'browser' },
];

/** Grammars that the lints parse with. */
const COPIES = [
  'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-python/tree-sitter-python.wasm',
  'tree-sitter-typescript/tree-sitter-typescript.wasm',
  'tree-sitter-typescript/tree-sitter-tsx.wasm',
];

/** Builds everything once. */
export async function buildAll(minify = false): Promise<void> {
  prepare();
  await Promise.all(options(minify).map((one) => build(one)));
}

async function watchAll(): Promise<void> {
  prepare();
  const contexts = await Promise.all(options(false).map((one) => context(one)));
  await Promise.all(contexts.map((one) => one.watch()));
  console.log('Built; building again whenever a file changes. Ctrl-C ends it.');
}

function options(minify: boolean): BuildOptions[] {
  return BUNDLES.filter(({ entry }) => has(entry)).map(({ entry, ...rest }) => ({
    ...rest,
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    minify,
    sourcemap: minify ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  }));
}

function prepare(): void {
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  const wanted = new Set(BUNDLES.map(({ outfile }) => basename(outfile)));
  if (has('server/main.ts')) {
    for (const path of COPIES) {
      copyFileSync(join(ROOT, 'node_modules', path), join(dist, basename(path)));
      wanted.add(basename(path));
    }
  }
  // What an older build left goes; what is there and wanted stays usable until it is replaced.
  for (const name of readdirSync(dist)) {
    if (!wanted.has(name)) rmSync(join(dist, name), { recursive: true });
  }
}

if (import.meta.main) {
  if (process.argv.includes('--watch')) await watchAll();
  else await buildAll(process.argv.includes('--minify'));
}
