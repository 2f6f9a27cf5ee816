// Python as one of the service's languages: keeps trees between edits and the last good answer while code is broken.
import type { Tree } from 'web-tree-sitter';
import type { Diagnostic } from '../diagnostic.ts';
import type { Analyser } from '../languages.ts';
import type { LintSettings } from '../settings.ts';
import type { Workspace } from '../workspace.ts';
import { analyse } from './analyse.ts';
import type { FunctionDef } from './ast.ts';
import { hoverAt } from './hover.ts';
import { WORTH_PARSING } from './library.ts';
import { buildModel } from './model.ts';
import { type GrammarFiles, loadPythonParser, type TextChange } from './parser.ts';
import { Project } from './project.ts';

interface Open {
  readonly text: string;
  /** None for a file that another one's analysis already read. */
  readonly tree: Tree | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** How many files keep their tree: the ones in front of the user, not a whole library under the linter. */
const TREES = 20;

export async function createPythonAnalyser(
  workspace: Workspace,
  files: GrammarFiles,
): Promise<Analyser> {
  const parser = await loadPythonParser(files);
  const project = new Project(workspace, parser);
  const open = new Map<string, Open>();

  const resolverFor = (path: string, text: string) => {
    const before = open.get(path);
    const known = project.known(path, text);
    if (known !== undefined) return { tree: undefined, resolver: known, before };
    if (before?.tree !== undefined && before.text !== text)
      parser.edit(before.tree, changeBetween(before.text, text), before.text, text);
    const tree = parser.parse(text, before?.tree);
    const resolver = project.open(path, text, buildModel(path, text, parser.read(tree, text)));
    return { tree, resolver, before };
  };

  const keep = (path: string, entry: Open, before: Open | undefined) => {
    before?.tree?.delete();
    open.delete(path);
    open.set(path, entry);
    for (const [oldest, { tree }] of open) {
      if (open.size <= TREES) break;
      tree?.delete();
      open.delete(oldest);
    }
  };

  return {
    languages: ['python'],
    extensions: ['.py', '.pyi', '.pyw'],
    diagnose(path, text, settings: LintSettings, cancelled) {
      if (!WORTH_PARSING.test(text)) return [];
      const { tree, resolver, before } = resolverFor(path, text);
      const found = analyse(resolver, settings, cancelled);
      if (found === undefined) {
        // The edited old tree no longer fits its text: start afresh next time.
        before?.tree?.delete();
        tree?.delete();
        open.delete(path);
        return undefined;
      }
      const { module, functions } = resolver.model;
      const diagnostics = module.broken ? withLastGood(found, functions, text, before) : found;
      keep(path, { text, tree, diagnostics }, before);
      return diagnostics;
    },
    hover(path, text, offset) {
      return hoverAt(project.open(path, text), offset);
    },
    changed(path) {
      project.forget(path);
      project.forgetDerived();
      open.get(path)?.tree?.delete();
      open.delete(path);
    },
  };
}

/** Texts are compared this many units at a time first: the engine compares strings faster than code does. */
const BLOCK = 512;

/** The one stretch in which two texts differ. */
export function changeBetween(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start + BLOCK <= most && before.startsWith(after.slice(start, start + BLOCK), start)) {
    start += BLOCK;
  }
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  const rest = most - start;
  let same = 0;
  while (
    same + BLOCK <= rest &&
    before.slice(before.length - same - BLOCK, before.length - same) ===
      after.slice(after.length - same - BLOCK, after.length - same)
  ) {
    same += BLOCK;
  }
  while (
    same < rest &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/**
 * While a function is being typed its tree is guesswork: what was said of it when it last parsed stands, moved by what
 * was typed before it; nothing new is said of it.
 */
function withLastGood(
  found: readonly Diagnostic[],
  functions: readonly FunctionDef[],
  text: string,
  before: Open | undefined,
): readonly Diagnostic[] {
  const broken = functions.filter((fn) => fn.broken);
  const inBroken = (at: number) => broken.some((fn) => fn.start <= at && at <= fn.end);
  const good = found.filter((each) => !inBroken(each.start));
  if (before === undefined) return good;
  const change = changeBetween(before.text, text);
  const shift = change.newEnd - change.oldEnd;
  const old: Diagnostic[] = [];
  for (const each of before.diagnostics) {
    if (each.end >= change.start && each.start < change.oldEnd) continue;
    const by = each.start >= change.oldEnd ? shift : 0;
    const moved = { ...each, start: each.start + by, end: each.end + by, fixes: [], related: [] };
    const known = good.some((other) => other.rule === moved.rule && other.start === moved.start);
    if (inBroken(moved.start) && !known) old.push(moved);
  }
  return [...good, ...old].sort((a, b) => a.start - b.start || a.end - b.end);
}
