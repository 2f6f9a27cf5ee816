// Finds the grammars: beside the built bundle when it was packaged, else where npm put them.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GrammarFiles } from './grammar.ts';

/** `from` is the caller's `import.meta.url`; a build copies the wasm files into the bundle's folder or its `grammars`. */
export function grammarFolder(from: string): GrammarFiles {
  for (const place of ['./grammars', '.']) {
    const folder = fileURLToPath(new URL(place, from)).replace(/[\\/]$/, '');
    if (existsSync(`${folder}/web-tree-sitter.wasm`)) return { folder };
  }
  return {};
}
