// The documents that are open: when each is linted again, what was last said of it, and what the editor asks about it.
import type {
  CodeAction,
  CodeActionParams,
  Connection,
  DocumentLink,
  Hover,
  HoverParams,
  NotebookDocument,
  NotebookDocuments,
  TextDocuments,
} from 'vscode-languageserver/node';
import { CodeActionKind } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { compatibleFixes, type Diagnostic } from './diagnostic.ts';
import type { Evidence } from './evidence.ts';
import { JAVASCRIPT_RULES } from './javascript/rules.ts';
import { LineIndex } from './lines.ts';
import { joinCells } from './notebook.ts';
import {
  fixAction,
  isFinding,
  quickFixes,
  rangeOf,
  toLsp,
  toTextEdits,
  type Where,
} from './protocol.ts';
import { PYTHON_RULES } from './rules.ts';
import type { Hover as AboutPlaces, LanguageService } from './service.ts';
import type { LintSettings } from './settings.ts';
import { twinsOf } from './twins.ts';

export interface DocumentsParts {
  readonly connection: Connection;
  readonly service: LanguageService;
  readonly texts: TextDocuments<TextDocument>;
  readonly notebooks: NotebookDocuments<TextDocument>;
  readonly evidence: Evidence;
  readonly docs: string | undefined;
  toPath(uri: string): string;
  toUri(path: string): string;
}

/** Typing pauses shorter than this are one edit; long enough to merge a burst, short enough not to be felt. */
const PAUSE_MS = 15;

const KNOWN = new Set([...PYTHON_RULES, ...JAVASCRIPT_RULES].map((rule) => rule.id));

interface Said {
  readonly version: number;
  readonly diagnostics: readonly Diagnostic[];
}

export class Documents {
  readonly #parts: DocumentsParts;
  readonly #said = new Map<string, Said>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Files that are not open and of which something was said. */
  readonly #scanned = new Set<string>();
  #lastAsked = Number.NEGATIVE_INFINITY;

  constructor(parts: DocumentsParts) {
    this.#parts = parts;
  }

  configure(settings: LintSettings): void {
    this.#parts.service.configure(settings);
    for (const document of this.#parts.texts.all()) this.changed(document.uri);
  }

  changed(uri: string): void {
    this.#lastAsked = performance.now();
    if (this.#parts.notebooks.findNotebookDocumentForCell(uri) !== undefined) return;
    // The first file of a language waits for its grammar; a grammar that is missing leaves it without diagnostics.
    const ready = this.#parts.service.prepare(this.#parts.toPath(uri));
    void ready.then(
      () => this.#soon(uri, () => this.#lint(uri)),
      (failure: unknown) => this.#parts.connection.console.error(String(failure)),
    );
  }

  notebookChanged(uri: string): void {
    this.#soon(uri, () => this.#lintNotebook(uri));
  }

  closed(uri: string): void {
    this.#said.delete(uri);
    this.#parts.service.changed(this.#parts.toPath(uri));
    this.#publish(uri, []);
  }

  notebookClosed(notebook: NotebookDocument): void {
    for (const cell of notebook.cells) this.#publish(cell.document, []);
  }

  /** Files that changed behind the editor's back: what open documents derived from them is linted again. */
  changedOnDisk(paths: readonly string[]): void {
    for (const path of paths) this.#parts.service.changed(path);
    for (const document of this.#parts.texts.all()) this.changed(document.uri);
  }

  publishAgain(): void {
    for (const [uri, said] of this.#said) {
      const document = this.#parts.texts.get(uri);
      if (document !== undefined) this.#send(uri, document.getText(), said.diagnostics);
    }
  }

  /** Whether files of this name are linted. */
  reads(path: string): boolean {
    return this.#parts.service.reads(path);
  }

  /** Lints a file that is not open; used by the scan of the workspace. */
  async lintFile(path: string, text: string): Promise<void> {
    const uri = this.#parts.toUri(path);
    await this.#parts.service.prepare(path);
    if (this.#parts.texts.get(uri) !== undefined) return;
    const found = this.#parts.service.diagnose(path, text) ?? [];
    // What an earlier scan said of it and no longer holds is taken back.
    if (found.length === 0 && !this.#scanned.delete(uri)) return;
    if (found.length > 0) this.#scanned.add(uri);
    this.#send(uri, text, found);
  }

  /** When somebody last typed or asked something, in ms of `performance.now()`. */
  get lastAsked(): number {
    return this.#lastAsked;
  }

  #soon(uri: string, run: () => void): void {
    clearTimeout(this.#timers.get(uri));
    const timer = setTimeout(() => {
      this.#timers.delete(uri);
      run();
    }, PAUSE_MS);
    this.#timers.set(uri, timer);
  }

  #lint(uri: string): void {
    const document = this.#parts.texts.get(uri);
    if (document === undefined) return;
    const text = document.getText();
    const stale = () => this.#parts.texts.get(uri)?.version !== document.version;
    let found: readonly Diagnostic[] | undefined;
    try {
      found = this.#parts.service.diagnose(this.#parts.toPath(uri), text, stale);
    } catch (failure) {
      // One file that can't be linted must not end the lints of all others.
      this.#parts.connection.console.error(`${uri} could not be linted: ${String(failure)}`);
    }
    if (found === undefined) return;
    this.#said.set(uri, { version: document.version, diagnostics: found });
    this.#send(uri, text, found);
  }

  #lintNotebook(uri: string): void {
    const notebook = this.#parts.notebooks.getNotebookDocument(uri);
    if (notebook === undefined) return;
    const documents = notebook.cells.flatMap(
      (cell) => this.#parts.notebooks.getCellTextDocument(cell) ?? [],
    );
    const python = documents.filter((document) => document.languageId === 'python');
    const joined = joinCells(
      python.map((document) => ({ uri: document.uri, text: document.getText() })),
    );
    const path = this.#parts.toPath(uri);
    const found =
      this.#parts.service.diagnose(path.endsWith('.ipynb') ? path : `${path}.ipynb`, joined.text) ??
      [];
    for (const document of python) {
      const own: Diagnostic[] = [];
      for (const each of found) {
        const start = joined.cellAt(each.start);
        const end = joined.cellAt(each.end);
        if (
          start === undefined ||
          start.cell.uri !== document.uri ||
          end?.cell.uri !== document.uri
        )
          continue;
        const shift = start.offset - each.start;
        const fixes = each.fixes.filter((fix) =>
          fix.edits.every((edit) => joined.cellAt(edit.start)?.cell.uri === document.uri),
        );
        own.push({
          ...each,
          start: start.offset,
          end: end.offset,
          related: [],
          fixes: fixes.map((fix) => ({
            ...fix,
            edits: fix.edits.map((edit) => ({
              ...edit,
              start: edit.start + shift,
              end: edit.end + shift,
            })),
          })),
        });
      }
      this.#said.set(document.uri, { version: document.version, diagnostics: own });
      this.#send(document.uri, document.getText(), own);
    }
  }

  #where(uri: string, text: string): Where {
    const { docs, toPath, toUri, texts } = this.#parts;
    const textOf = (path: string) =>
      texts.get(toUri(path))?.getText() ?? this.#parts.service.readFile(path);
    return { uri, path: toPath(uri), lines: new LineIndex(text), docs, uriOf: toUri, textOf };
  }

  #send(uri: string, text: string, found: readonly Diagnostic[]): void {
    const where = this.#where(uri, text);
    this.#publish(
      uri,
      found.map((each) => toLsp(each, where, this.#parts.evidence)),
    );
  }

  #publish(
    uri: string,
    diagnostics: Parameters<Connection['sendDiagnostics']>[0]['diagnostics'],
  ): void {
    void this.#parts.connection.sendDiagnostics({ uri, diagnostics });
  }

  /** What was said of exactly this version; linted now when the editor asks before the pause is over. */
  #current(uri: string): readonly Diagnostic[] {
    const document = this.#parts.texts.get(uri);
    if (document === undefined) return this.#said.get(uri)?.diagnostics ?? [];
    const said = this.#said.get(uri);
    if (
      said?.version !== document.version &&
      this.#parts.notebooks.findNotebookDocumentForCell(uri) === undefined
    )
      this.#lint(uri);
    return this.#said.get(uri)?.diagnostics ?? [];
  }

  #text(uri: string): string | undefined {
    return this.#parts.texts.get(uri)?.getText() ?? this.#cell(uri)?.getText();
  }

  #cell(uri: string): TextDocument | undefined {
    const notebook = this.#parts.notebooks.findNotebookDocumentForCell(uri);
    const cell = notebook?.cells.find((each) => each.document === uri);
    return cell === undefined ? undefined : this.#parts.notebooks.getCellTextDocument(cell);
  }

  codeActions({ textDocument: { uri }, range, context }: CodeActionParams): CodeAction[] {
    this.#lastAsked = performance.now();
    const text = this.#text(uri);
    if (text === undefined) return [];
    const where = this.#where(uri, text);
    const found = this.#current(uri);
    const wants = (kind: string) =>
      context.only === undefined ||
      context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
    const actions: CodeAction[] = [];
    if (wants(CodeActionKind.QuickFix)) {
      const from = where.lines.offsetAt(range.start);
      const to = where.lines.offsetAt(range.end);
      const seen = context.diagnostics.filter(isFinding);
      for (const each of found) {
        if (each.start > to || each.end < from) continue;
        const shown = toLsp(each, where, this.#parts.evidence);
        // What mends the lint mends what a run saw of it: the editor offers it for both.
        const twins = seen.filter(({ code }) => twinsOf(each.rule).includes(String(code)));
        actions.push(...quickFixes(each, [shown, ...twins], where, text));
      }
      for (const finding of seen) {
        const rule = String(finding.code);
        const { start, end } = finding.range;
        const [first, last] = [where.lines.offsetAt(start), where.lines.offsetAt(end)];
        for (const fix of this.#parts.service.findingFixes(where.path, text, rule, first, last)) {
          const known = actions.some(({ title }) => title === fix.title);
          if (!known) actions.push(fixAction(fix, [finding], where));
        }
      }
    }
    const all = compatibleFixes(found).flatMap((fix) => fix.edits);
    const kind = `${CodeActionKind.SourceFixAll}.interleave`;
    if (all.length > 0 && (context.only === undefined ? actions.length > 0 : wants(kind))) {
      const edit = { changes: { [uri]: toTextEdits(all, where.lines) } };
      actions.push({ title: 'Fix all concurrency problems that can be fixed safely', kind, edit });
    }
    return actions;
  }

  hover({ textDocument: { uri }, position }: HoverParams): Hover | null {
    this.#lastAsked = performance.now();
    const text = this.#text(uri);
    if (text === undefined) return null;
    const lines = new LineIndex(text);
    const offset = lines.offsetAt(position);
    const path = this.#parts.toPath(uri);
    const { evidence, service } = this.#parts;
    const parts: string[] = [];
    const about = this.#cell(uri) === undefined ? service.hover(path, text, offset) : undefined;
    if (about !== undefined) parts.push(about.markdown);
    const said = this.#current(uri).find((each) => each.start <= offset && offset <= each.end);
    const seen = evidence.at(path, position.line + 1);
    for (const each of seen) parts.push(`Last run: ${each.text}`);
    const elsewhere = this.#elsewhere(about, path, position.line + 1);
    parts.push(...elsewhere);
    if (said !== undefined && seen.length + elsewhere.length === 0 && !evidence.hasRecording)
      parts.push('Not seen in a run yet.');
    else if (said !== undefined && seen.length + elsewhere.length === 0)
      parts.push('Not seen in the last run.');
    if (parts.length === 0) return null;
    const range = about ?? said;
    return {
      contents: { kind: 'markdown', value: parts.join('\n\n') },
      ...(range === undefined ? {} : { range: rangeOf(range, lines) }),
    };
  }

  /** What the last run saw of the thing under the cursor at its other places: of a lock where it was made and each time it is taken. */
  #elsewhere(about: AboutPlaces | undefined, path: string, line: number): string[] {
    const said = new Set<string>();
    for (const place of about?.places ?? []) {
      if (place.path === path && place.line === line) continue;
      const file =
        place.path === path ? '' : ` of ${place.path.slice(place.path.lastIndexOf('/') + 1)}`;
      for (const each of this.#parts.evidence.at(place.path, place.line))
        said.add(`Last run, line ${place.line}${file}: ${each.text}`);
    }
    return [...said].slice(0, 6);
  }

  /** The rules named in comments that silence them link to their pages. */
  links(uri: string): DocumentLink[] {
    const text = this.#text(uri);
    const { docs } = this.#parts;
    if (text === undefined || docs === undefined) return [];
    const lines = new LineIndex(text);
    const links: DocumentLink[] = [];
    for (const match of text.matchAll(/interleave:\s*ignore(?:-file)?\[([^\]\n]*)\]/g)) {
      const from = match.index + match[0].length - 1 - match[1]!.length;
      for (const name of match[1]!.matchAll(/[a-z]+(?:-[a-z]+)+/g)) {
        if (!KNOWN.has(name[0])) continue;
        const start = from + name.index;
        links.push({
          range: rangeOf({ start, end: start + name[0].length }, lines),
          target: `${docs}/${name[0]}.md`,
        });
      }
    }
    return links;
  }
}
