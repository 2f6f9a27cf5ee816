// The language service: source text in, diagnostics and fixes out. No editor, no file system of its own.
import { applyEdits, compatibleFixes, type Diagnostic, type Fix, fitting } from './diagnostic.ts';
import type { GrammarFiles } from './grammar.ts';
import { createJavascriptAnalyser } from './javascript/analyser.ts';
import { type Analyser, analyserOf } from './languages.ts';
import { createPythonAnalyser } from './python/analyser.ts';
import { DEFAULT_SETTINGS, type LintSettings } from './settings.ts';
import type { Workspace } from './workspace.ts';

export interface LanguageService {
  /** Loads the grammar that files like this one need; until then they have no diagnostics. Rejects when it can't be found. */
  prepare(path: string): Promise<void>;
  /** Diagnostics of a text in source order; undefined when `cancelled` said so meanwhile. Never throws over what a text contains. */
  diagnose(
    path: string,
    text: string,
    cancelled?: () => boolean,
  ): readonly Diagnostic[] | undefined;
  /** Applies automatic fixes until none is left; at most ten rounds. */
  fixAll(path: string, text: string): string;
  /** Ways out of what a run found at a stretch of a text, whether a lint sees it or not. */
  findingFixes(path: string, text: string, rule: string, from: number, to: number): readonly Fix[];
  /** Markdown about the lock, pool, queue or async function at an offset. */
  hover(path: string, text: string, offset: number): Hover | undefined;
  /** The text of a file as the workspace sees it. */
  readFile(path: string): string | undefined;
  /** Whether files of this name are read at all. */
  reads(path: string): boolean;
  configure(settings: LintSettings): void;
  /** A file changed on disk or was closed: what others derived from it is stale. */
  changed(path: string): void;
}

export interface Hover {
  readonly start: number;
  readonly end: number;
  readonly markdown: string;
  /** Other places that are the same thing: where it was made, where it is used. Lines count from 1. */
  readonly places?: readonly { readonly path: string; readonly line: number }[];
}

const ROUNDS = 10;

/** Loads the grammar for Python; rejects when it can't be found. */
export async function createLanguageService(
  workspace: Workspace,
  files: GrammarFiles = {},
): Promise<LanguageService> {
  const analysers: readonly Analyser[] = [
    await createPythonAnalyser(workspace, files),
    createJavascriptAnalyser(workspace, files),
  ];
  let settings = DEFAULT_SETTINGS;
  /** Generated code may nest deeper than a stack is: of such a text nothing is said. */
  const unlessTooDeep = <T>(path: string, ask: (analyser: Analyser) => T): T | undefined => {
    const analyser = analyserOf(analysers, path);
    if (analyser === undefined) return undefined;
    try {
      return ask(analyser);
    } catch (failure) {
      if (!(failure instanceof RangeError)) throw failure;
      analyser.changed(path);
      return undefined;
    }
  };
  const diagnose: LanguageService['diagnose'] = (path, text, cancelled) => {
    const found = unlessTooDeep(path, (analyser) =>
      analyser.diagnose(path, text, settings, cancelled),
    );
    if (found === undefined) return cancelled?.() === true ? undefined : [];
    const fit = fitting(text);
    return fit === undefined
      ? found
      : found.map((each) => ({ ...each, fixes: each.fixes.map(fit) }));
  };
  return {
    prepare: async (path) => analyserOf(analysers, path)?.prepare(path),
    diagnose,
    fixAll(path, text) {
      let fixed = text;
      for (let round = 0; round < ROUNDS; round++) {
        const edits = compatibleFixes(diagnose(path, fixed) ?? []).flatMap((fix) => fix.edits);
        if (edits.length === 0) break;
        fixed = applyEdits(fixed, edits);
      }
      return fixed;
    },
    findingFixes(path, text, rule, from, to) {
      const fixes =
        unlessTooDeep(path, (analyser) => analyser.findingFixes?.(path, text, rule, from, to)) ??
        [];
      const fit = fitting(text);
      return fit === undefined ? fixes : fixes.map(fit);
    },
    hover: (path, text, offset) =>
      unlessTooDeep(path, (analyser) => analyser.hover(path, text, offset)),
    readFile: (path) => workspace.readFile(path),
    reads: (path) => analyserOf(analysers, path) !== undefined,
    configure(next) {
      settings = next;
    },
    changed(path) {
      for (const analyser of analysers) analyser.changed(path);
    },
  };
}
