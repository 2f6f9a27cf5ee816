/** Remembers how open files were edited, so that what a run says of a line is shown where that line is now. */
import * as vscode from 'vscode';
import { Disposables } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { editorPath } from './editorPath.ts';
import { type LineEdit, type MovedLine, moveLine } from './lineMoves.ts';

/** More edits of one file than this: the oldest are forgotten, and lines of older runs stay where they are. */
const MOST_EDITS = 20_000;
/** Somebody who types should not have lists and lenses redrawn for each letter. */
const QUIET_MS = 300;

export class Edits {
  readonly #byFile = new Map<string, LineEdit[]>();
  readonly #owned = new Disposables();
  readonly #changes = this.#owned.add(new Emitter<void>());
  #timer: NodeJS.Timeout | undefined;

  /** Fires when no file was edited for a moment. */
  readonly changes = this.#changes.event;

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document.uri.scheme !== 'file' || contentChanges.length === 0) return;
        this.#remember(document.uri.fsPath, contentChanges);
      }),
    );
    this.#owned.add({ dispose: () => clearTimeout(this.#timer) });
  }

  /** Where the line (from 1) is now that was there at a time, in ms since 1970. */
  lineNow(file: string, line: number, since: number): MovedLine {
    return moveLine(line, this.#after(file, since));
  }

  /** Whether the file was edited in this window since then. */
  isEdited(file: string, since: number): boolean {
    return this.#after(file, since).length > 0;
  }

  dispose(): void {
    this.#owned.dispose();
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
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#changes.fire(), QUIET_MS);
  }
}
