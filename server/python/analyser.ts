// Python as one of the service's languages: keeps trees between edits and the last good answer while code is broken.
import type { Tree } from 'web-tree-sitter';
import type { GrammarFiles } from '../grammar.ts';
import type { Analyser } from '../languages.ts';
import { changeBetween, type Kept, withLastGood } from '../lastGood.ts';
import type { LintSettings } from '../settings.ts';
import type { Workspace } from '../workspace.ts';
import { analyse } from './analyse.ts';
import type { Expr } from './ast.ts';
import { hoverAt } from './hover.ts';
import { lockOrderFixes, nestedLocksAt } from './lockOrderFix.ts';
import { Locks } from './locks.ts';
import { buildModel } from './model.ts';
import { loadPythonParser } from './parser.ts';
import { rulesFor } from './precheck.ts';
import { Project } from './project.ts';

interface Open extends Kept {
  /** None for a file that another one's analysis already read. */
  readonly tree: Tree | undefined;
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
    if (before?.tree !== undefined && before.text !== text) {
      const change = changeBetween(before.text, text);
      parser.edit(before.tree, change, before.text, text);
    }
    const tree = parser.parse(text, before?.tree);
    const resolver = project.open(path, text, buildModel(path, parser.read(tree, text)));
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
    prepare: async () => {},
    diagnose(path, text, settings: LintSettings, cancelled) {
      project.tell(path, text);
      const rules = rulesFor(text, (words) => project.imports(path, text, words));
      if (rules.length === 0) return [];
      const { tree, resolver, before } = resolverFor(path, text);
      const found = analyse(resolver, settings, cancelled, rules);
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
    findingFixes(path, text, rule, from, to) {
      if (rule !== 'deadlock' && rule !== 'lock-order-inversion') return [];
      const resolver = project.open(path, text);
      const locks = new Locks(resolver);
      const typeOf = (expr: Expr) => locks.identity(expr)?.type;
      const found = nestedLocksAt(resolver.model, from, to, (expr) => typeOf(expr) !== undefined);
      // Ids order locks of one process only.
      if (found === undefined || typeOf(found.taken)?.startsWith('multiprocessing.')) return [];
      return lockOrderFixes(resolver.model, found.held, found.taken);
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
