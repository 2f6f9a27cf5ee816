// What the last recordings saw, looked up by file and line for diagnostics and hovers.
import type { EvidenceMessage, LineEvidence } from '../wire/service.ts';
import { twinsOf } from './twins.ts';

export class Evidence {
  #byFile = new Map<string, Map<number, LineEvidence[]>>();
  #relative: { suffix: string; lines: Map<number, LineEvidence[]> }[] = [];
  hasRecording = false;

  set(message: EvidenceMessage): void {
    this.hasRecording = message.hasRecording;
    this.#byFile = new Map();
    this.#relative = [];
    for (const file of message.files) {
      const lines = new Map<number, LineEvidence[]>();
      for (const each of file.lines) {
        const list = lines.get(each.line);
        if (list === undefined) lines.set(each.line, [each]);
        else list.push(each);
      }
      const path = samePath(file.path);
      if (/^(?:\/|[a-z]:\/)/.test(path)) this.#byFile.set(path, lines);
      else this.#relative.push({ suffix: `/${path}`, lines });
    }
  }

  /** All that was seen at a line, which counts from 1. */
  at(file: string, line: number): readonly LineEvidence[] {
    const path = samePath(file);
    const absolute = this.#byFile.get(path)?.get(line);
    if (absolute !== undefined) return absolute;
    return this.#relative.find(({ suffix }) => path.endsWith(suffix))?.lines.get(line) ?? [];
  }

  /** What was seen on the lines of a diagnostic that is the same mistake. */
  of(lint: string, path: string, firstLine: number, lastLine: number): readonly LineEvidence[] {
    const twins = twinsOf(lint);
    if (twins.length === 0) return [];
    const found: LineEvidence[] = [];
    for (let line = firstLine; line <= Math.min(lastLine, firstLine + 20); line++) {
      for (const each of this.at(path, line)) {
        if (each.rule === undefined || twins.includes(each.rule) || each.rule === lint)
          found.push(each);
      }
    }
    return found;
  }
}

/** On Windows a recording has `C:\work\a.py` where the editor has `c:/work/a.py`. */
function samePath(path: string): string {
  const drive = /^([A-Za-z]):[\\/]/.exec(path)?.[1];
  if (drive !== undefined) return drive.toLowerCase() + path.slice(1).replaceAll('\\', '/');
  return path.startsWith('\\\\') ? path.replaceAll('\\', '/') : path;
}
