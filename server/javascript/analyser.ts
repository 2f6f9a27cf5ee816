// JavaScript and TypeScript as one of the service's languages: grammars when first needed, trees kept between edits.
import type { Tree } from 'web-tree-sitter';
import type { Diagnostic } from '../diagnostic.ts';
import type { GrammarFiles } from '../grammar.ts';
import type { Analyser } from '../languages.ts';
import { changeBetween, type Kept, withLastGood } from '../lastGood.ts';
import type { Workspace } from '../workspace.ts';
import { analyse } from './analyse.ts';
import { hoverAt } from './hover.ts';
import { buildModel, type JavascriptModel } from './model.ts';
import { Modules } from './modules.ts';
import { type Dialect, dialectOf, type JavascriptParser, loadJavascriptParser } from './parser.ts';
import { readable } from './readable.ts';

interface Open extends Kept {
  /** What the tree was made of. */
  readonly parsed: string;
  /** None for a file that another one's analysis already read. */
  readonly tree: Tree | undefined;
}

const DIALECTS: readonly Dialect[] = ['typescript', 'tsx'];
const never = () => false;

/** How many files keep their tree. */
const TREES = 20;

/** A file without any of these can't have a lint, so it need not be parsed. */
const WORTH_PARSING =
  /\basync\b|\bAsync(?:Iter|Gener)|\bawait\b|\byield\b|\bPromise|\.then\b|['"]then\b|\bthen\??\s*[(:<]|\.finally\b|\bfetch\b|Sync\b|\bWorker\b|\bAtomics\b|\bSharedArrayBuffer\b|promises|\bimport\s*\(|\bpromisify\b|\b(?:clipboard|serviceWorker|mediaDevices|caches|wakeLock)\.|Fullscreen\(|\.(?:play|decode)\(|\bnavigator\.|\bWebAssembly\.|\bsubtle\.|\bfromAsync\b|\.rejects\(|\bdoesNotReject\b|\b(?:createImageBitmap|whenDefined|requestPermission)\(|\b(?:fonts\.load|indexedDB\.databases|scheduler\.wait)\(|\bonce\b[\w\s,{}]*from\s*['"](?:node:)?events|\b(?:events?|EventEmitter)\.once\(|\bEventListener|\b(?:Readable|Writable)Stream\b|\bget(?:Reader|Writer)\(|\bAudioContext\b|(?:\bnew |:\s*)(?:Response|Request|Blob|File)\b/;

/** Declarations alone: nothing in them runs. */
const DECLARES = /\.d\.[mc]?ts$/;

/** Nobody mends bundles and minified files by hand, and they are the largest there are. */
const LARGEST = 1_000_000;
/** Units a line of hand-written code has on average at the very most. */
const LONG_LINES = 400;
/** … and a line that nobody types. */
const LONGEST_LINE = 3_000;

function isGenerated(text: string): boolean {
  if (text.length > LARGEST) return true;
  if (text.length < 1_000) return false;
  let lines = 0;
  let inLongest = 0;
  for (let start = 0, end = 0; end !== -1; start = end + 1) {
    end = text.indexOf('\n', start);
    lines++;
    const length = (end === -1 ? text.length : end) - start;
    if (length > LONGEST_LINE) inLongest += length;
  }
  // Templates with many short lines can stand in a bundle, too.
  return text.length / lines > LONG_LINES || inLongest > text.length / 2;
}

function judged(
  model: JavascriptModel,
  found: readonly Diagnostic[],
  text: string,
  before: Kept | undefined,
): readonly Diagnostic[] {
  if (!model.root.broken) return found;
  // An open bracket can take the rest of the file with it, functions and all.
  const spans = [...model.functions, ...(model.byType.get('ERROR') ?? [])];
  return withLastGood(found, spans, text, before);
}

export function createJavascriptAnalyser(workspace: Workspace, files: GrammarFiles): Analyser {
  const loading = new Map<Dialect, Promise<void>>();
  const parsers = new Map<Dialect, JavascriptParser>();
  const open = new Map<string, Open>();
  const modules = new Modules(workspace, (path) => parsers.get(dialectOf(path)));

  const load = (dialect: Dialect): Promise<void> => {
    let pending = loading.get(dialect);
    if (pending === undefined) {
      pending = loadJavascriptParser(dialect, files).then((parser) => {
        parsers.set(dialect, parser);
      });
      loading.set(dialect, pending);
    }
    return pending;
  };

  const forget = (path: string) => {
    open.get(path)?.tree?.delete();
    open.delete(path);
  };

  const keep = (path: string, entry: Open) => {
    forget(path);
    open.set(path, entry);
    for (const oldest of open.keys()) {
      if (open.size <= TREES) break;
      forget(oldest);
    }
  };

  return {
    languages: ['javascript', 'javascriptreact', 'typescript', 'typescriptreact'],
    extensions: ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'],
    async prepare(path) {
      // A file of one kind may import one of the other.
      if (!parsers.has(dialectOf(path))) await Promise.all(DIALECTS.map(load));
    },
    diagnose(path, text, settings, cancelled) {
      const parser = parsers.get(dialectOf(path));
      if (parser === undefined || DECLARES.test(path)) return [];
      modules.tell(path, text);
      if (isGenerated(text)) return [];
      if (!WORTH_PARSING.test(text) && !modules.importsPromises(path, text)) return [];
      const before = open.get(path);
      const ready = before === undefined ? modules.known(path, text) : undefined;
      if (ready !== undefined) {
        const found = modules.reading(ready, text, cancelled ?? never, () =>
          analyse(ready, settings, cancelled),
        );
        if (found === undefined) return undefined;
        const diagnostics = judged(ready.model, found, text, undefined);
        keep(path, { text, parsed: text, tree: undefined, diagnostics });
        return diagnostics;
      }
      const written = readable(path, text);
      const { parsed } = written;
      if (before?.tree !== undefined && before.parsed !== parsed) {
        const change = changeBetween(before.parsed, parsed);
        parser.edit(before.tree, change, before.parsed, parsed);
      }
      const tree = parser.parse(parsed, before?.tree);
      const model = buildModel(path, written, parser.read(tree));
      const resolver = modules.resolverFor(model);
      const found = modules.reading(resolver, text, cancelled ?? never, () =>
        analyse(resolver, settings, cancelled),
      );
      if (found === undefined) {
        // The edited old tree no longer fits its text: start afresh next time.
        tree.delete();
        forget(path);
        return undefined;
      }
      const diagnostics = judged(model, found, text, before);
      keep(path, { text, parsed, tree, diagnostics });
      return diagnostics;
    },
    hover(path, text, offset) {
      const parser = parsers.get(dialectOf(path));
      if (parser === undefined || isGenerated(text)) return undefined;
      const written = readable(path, text);
      const tree = parser.parse(written.parsed);
      try {
        return hoverAt(buildModel(path, written, parser.read(tree)), offset);
      } finally {
        tree.delete();
      }
    },
    changed(path) {
      modules.forget(path);
      forget(path);
    },
  };
}
