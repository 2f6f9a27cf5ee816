// `interleave lint`: the language server's diagnostics without an editor.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Diagnostic, LintSeverity } from '../server/diagnostic.ts';
import { grammarFolder } from '../server/grammarFolder.ts';
import { nodeWorkspace } from '../server/nodeWorkspace.ts';
import { createLanguageService } from '../server/service.ts';
import { sourceFiles } from '../server/sourceFiles.ts';
import { LINT_HELP, type LintOptions, readLintOptions } from './lintOptions.ts';
import { type LintedFile, lintReport } from './lintReport.ts';

export interface LintIo {
  stdout(text: string): void;
  stderr(text: string): void;
}

const RANK: Readonly<Record<LintSeverity, number>> = { error: 0, warning: 1, info: 2, hint: 3 };

/** Exit status: 0 when there is nothing of severity warning or error, 1 when there is, 2 for unusable arguments. */
export async function lintCommand(args: readonly string[], io: LintIo): Promise<number> {
  const options = readLintOptions(args);
  if (typeof options === 'string') {
    io.stderr(`${options}\n`);
    return 2;
  }
  if (options.help) {
    io.stdout(LINT_HELP);
    return 0;
  }
  const roots = options.paths.map((path) => slashed(resolve(path)));
  const service = await createLanguageService(
    nodeWorkspace([slashed(process.cwd()), ...roots, ...roots.map(importRoot)]),
    grammarFolder(import.meta.url),
  );
  service.configure({
    enabled: true,
    rules: {},
    blocking: options.blocking,
    syncAtTopLevel: options.syncAtTopLevel,
  });
  const linted: LintedFile[] = [];
  for (const root of roots) {
    const stat = statSync(root, { throwIfNoEntry: false });
    if (stat === undefined) {
      io.stderr(`There is no file or folder ${root}; name one that exists.\n`);
      return 2;
    }
    const files = stat.isDirectory() ? sourceFiles(root, (path) => service.reads(path)) : [root];
    for (const path of files) {
      await service.prepare(path);
      const before = readFileSync(path, 'utf8');
      const text = options.fix ? service.fixAll(path, before) : before;
      if (text !== before) writeFileSync(path, text);
      const wanted = (service.diagnose(path, text) ?? []).filter((each) => isWanted(each, options));
      linted.push({
        path: slashed(relative(process.cwd(), path)) || path,
        text,
        diagnostics: wanted,
        fixed: text !== before,
      });
    }
  }
  io.stdout(lintReport(linted, options.format));
  const bad = linted.some((file) =>
    file.diagnostics.some((each) => RANK[each.severity] <= RANK[options.failOn]),
  );
  return bad ? 1 : 0;
}

/** The folder from which Python imports what lies in a path: the one above the packages around it. */
function importRoot(path: string): string {
  let folder = path;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) folder = dirname(path);
  while (existsSync(`${folder}/__init__.py`) && dirname(folder) !== folder)
    folder = dirname(folder);
  return slashed(folder);
}

function isWanted(diagnostic: Diagnostic, options: LintOptions): boolean {
  if (RANK[diagnostic.severity] > RANK[options.severity]) return false;
  if (options.select.length > 0) return options.select.includes(diagnostic.rule);
  return !options.ignore.includes(diagnostic.rule);
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
