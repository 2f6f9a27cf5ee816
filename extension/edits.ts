/** Remembers how open files were edited, so that what a run says of a line is shown where that line is now. */
import { statSync } from 'node:fs';
import * as vscode from 'vscode';
import { Disposables } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { editorPath, isInPlace, isOnNetwork } from './editorPath.ts';
import { type LineEdit, type MovedLine, moveLine } from './lineMoves.ts';

/** More edits of one file than this: the oldest are forgotten, and lines of older runs stay where they are. */
const MOST_EDITS = 20_000;
/** Somebody who types should not have lists and lenses redrawn for each letter. */
const QUIET_MS = 300;
/** Lists and lenses ask for each line of a file at once. */
const FRESH_MS = 1000;

export class Edits {
  readonly #byFile = new Map<string, LineEdit[]>();
  readonly #owned = new Disposables();
  readonly #changes = this.#owned.add(new Emitter<void>());
  #timer: NodeJS.Timeout | undefined;
  /** When each file was last written, ms since 1970, as it was asked not long ago; 0 where there is none. */
  readonly #written = new Map<string, { readonly at: number; readonly asked: number }>();
  /** What is remembered of a file explains how it came to be what was written until then. */
  readonly #known = new Map<string, number>();
  /** Changes until then were made where nobody could see them: by another program, in an earlier window. */
  readonly #unseen = new Map<string, number>();

  /** Fires when no file was edited for a moment. */
  readonly changes = this.#changes.event;

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document.uri.scheme !== 'file' || contentChanges.length === 0) return;
        this.#remember(document.uri.fsPath, contentChanges);
        // The file was changed by something else, and the editor has read it anew.
        if (!document.isDirty) this.#know(document.uri.fsPath);
      }),
    );
    const { workspace } = vscode;
    for (const document of workspace.textDocuments) this.#follow(document);
    this.#owned.add(workspace.onDidOpenTextDocument((document) => this.#follow(document)));
    this.#owned.add(
      workspace.onDidSaveTextDocument(({ uri }) => {
        this.#know(uri.fsPath);
        this.#tell();
      }),
    );
    const files = this.#owned.add(
      workspace.createFileSystemWatcher('**/*.{py,pyw,js,mjs,cjs,ts,mts,cts}', true),
    );
    const changed = ({ fsPath }: vscode.Uri): void => {
      this.#written.delete(fsPath);
      this.#tell();
    };
    this.#owned.add(files.onDidChange(changed));
    this.#owned.add(files.onDidDelete(changed));
    this.#owned.add({ dispose: () => clearTimeout(this.#timer) });
  }

  /**
   * Where the line (from 1) is now that was there at a time, in ms since 1970. Of a file that was changed where nobody could see
   * how, each line counts as changed.
   */
  lineNow(file: string, line: number, since: number): MovedLine {
    const moved = moveLine(line, this.#after(file, since));
    return this.#isChangedUnseen(file, since) ? { ...moved, isChanged: true } : moved;
  }

  /** Whether the file was edited since then. */
  isEdited(file: string, since: number): boolean {
    return this.#after(file, since).length > 0 || this.#isChangedUnseen(file, since);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #isChangedUnseen(file: string, since: number): boolean {
    const path = editorPath(file);
    if (since < (this.#unseen.get(path) ?? 0)) return true;
    // When a copy was made says nothing.
    if (isOnNetwork(file) || !isInPlace(file)) return false;
    const written = this.#writtenAt(path);
    return written > since && written > (this.#known.get(path) ?? 0);
  }

  /** From when it is open a document says each of its changes. */
  #follow({ uri, isDirty }: vscode.TextDocument): void {
    if (uri.scheme !== 'file') return;
    const path = uri.fsPath;
    const written = isDirty ? Date.now() : writtenAt(path);
    if (written > (this.#known.get(path) ?? 0)) this.#unseen.set(path, written);
    this.#know(path);
  }

  #writtenAt(path: string): number {
    const now = Date.now();
    const before = this.#written.get(path);
    if (before !== undefined && now - before.asked < FRESH_MS) return before.at;
    const at = writtenAt(path);
    this.#written.set(path, { at, asked: now });
    return at;
  }

  #know(path: string): void {
    this.#written.delete(path);
    this.#known.set(path, Math.max(Date.now(), writtenAt(path)));
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#changes.fire(), QUIET_MS);
  }

  #after(file: string, since: number): readonly LineEdit[] {
    return (this.#byFile.get(editorPath(file)) ?? []).filter(({ at }) => at > since);
  }

  #remember(file: string, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const edits = this.#byFile.get(file) ?? [];
    this.#byFile.set(file, edits);
    const at = Date.now();
    // The editor lists the changes of one step from the last in the text to the first: none moves the next one's place.
    for (const { range, text } of changes) {
      const addedLines = text.split('\n').length - 1;
      edits.push({ at, from: range.start, to: range.end, addedLines });
    }
    if (edits.length > MOST_EDITS) edits.splice(0, edits.length - MOST_EDITS);
    this.#tell();
  }
}

function writtenAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
