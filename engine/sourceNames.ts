/** Names of locks, queues and pools as a reader of the source knows them: from the line that made or takes them. */

import { place, userSite } from './frames.ts';
import type { TracedObject } from './ingest/object.ts';
import type { Site } from './ingest/tables.ts';
import type { SourceLine, Trace } from './trace.ts';

/** How far above a `self.x = …` its `class` line is looked for. */
const MAX_LINES_TO_CLASS = 600;
/** A call may begin above the line the interpreter reports. */
const MAX_LINES_TO_ASSIGNMENT = 4;

export interface SourceName {
  /** `SafeCounter._lock`, `lock_a`, `locks[…]`, else `Lock at file.py:12`. */
  readonly name: string;
  /** Which of the `of` things that its line makes under names of their own, from 0. */
  readonly slot: number;
  readonly of: number;
}

export function sourceName(trace: Trace, object: TracedObject, sourceLine: SourceLine): SourceName {
  const site = userSite(trace, object.stack);
  if (object.givenName === '' && site !== undefined) {
    const names = namesOnLine(sourceLine(site.file, site.line) ?? '', object.type);
    if (names.length > 1 && object.nth > 0) {
      const slot = (object.nth - 1) % names.length;
      const name = assignedName(`${names[slot]} = _`, site, sourceLine) ?? names[slot]!;
      return { name, slot, of: names.length };
    }
    if (names.length > 0) {
      const name = names.map((one) => assignedName(`${one} = _`, site, sourceLine) ?? one);
      return { name: name.join('/'), slot: 0, of: 1 };
    }
  }
  return { name: nameOf(trace, object, site, sourceLine), slot: 0, of: 1 };
}

/** Of a line that makes several things of a type, `raw, clean = Queue(), Queue()`, or one in a `with`: their names. */
function namesOnLine(line: string, type: string): string[] {
  const code = line.trim().replace(/\s#.*$/, '');
  const makes = new RegExp(`\\b${type}\\(`);
  const opened = /^(?:async\s+)?with\b\s*\(?(.*)$/.exec(code);
  if (opened !== null || /\)\s+as\s+\w+\s*[,:)]/.test(code)) {
    const items = split(opened?.[1] ?? code, ',');
    return items.flatMap((item) => {
      const name = /\s+as\s+([\w.]+)\s*[):]*\s*.*$/.exec(item)?.[1];
      return name !== undefined && makes.test(item) ? [name] : [];
    });
  }
  const statements = split(code, ';').filter((one) => makes.test(one));
  const names = statements.flatMap((statement) => {
    const tuple = /^\s*([\w.]+(?:\s*,\s*[\w.]+)*)\s*=(?!=)(.*)$/.exec(statement);
    const targets = (tuple?.[1] ?? '').split(',').map((one) => one.trim());
    const values = split(tuple?.[2] ?? '', ',');
    return targets.length === values.length
      ? targets.filter((_, index) => makes.test(values[index]!))
      : [];
  });
  // One alone on its line is read with all that stands around it.
  const isPlain = (one: string) => /^\s*[\w.]+\s*=\s*[\w.]+\(/.test(one);
  const isAmongOthers = code.includes(';') && statements.every(isPlain);
  return names.length > 1 || isAmongOthers ? names : [];
}

/** The parts of a line between marks that stand in no brackets and no text. */
function split(code: string, mark: ',' | ';'): string[] {
  const parts = [''];
  let depth = 0;
  for (const [piece] of code.matchAll(/'[^']*'|"[^"]*"|./g)) {
    if (/^[([{]$/.test(piece)) depth++;
    else if (/^[)\]}]$/.test(piece)) depth--;
    if (piece === mark && depth <= 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function nameOf(
  trace: Trace,
  object: TracedObject,
  site: Site | undefined,
  sourceLine: SourceLine,
): string {
  if (object.givenName !== '') return object.givenName;
  if (site === undefined) return nameFromUse(trace, object, sourceLine);
  for (let back = 0; back < MAX_LINES_TO_ASSIGNMENT; back++) {
    const text = sourceLine(site.file, site.line - back);
    if (text === undefined) break;
    const name = assignedName(text, site, sourceLine);
    if (name !== undefined) return name;
    // Only go up while the line above is open: an argument list over several lines.
    const above = sourceLine(site.file, site.line - back - 1);
    if (above === undefined || !/[([{,\\=]\s*(#.*)?$/.test(above)) break;
  }
  return `${object.type} at ${place(site)}`;
}

const METHODS =
  'acquire|get|put|wait|wait_for|join|result|recv|send|release|notify|set|submit|map|task_done';
const USE = new RegExp(
  `(?:^|\\bwith\\s+|\\bawait\\s+|[=(,]\\s*|\\b(?:if|while|not|return)\\s+)((?:self\\.)?[A-Za-z_][\\w.]*(?:\\[[^\\]]*\\])?)\\.(?:${METHODS})\\(`,
);
/** `await reply`, `item = await self.reply`. */
const AWAITED = /\bawait\s+((?:self\.)?[A-Za-z_]\w*(?:\.\w+)*)\s*\)*\s*(?:#.*)?$/;
const HOW_USED: Readonly<Record<string, string>> = {
  Lock: 'taken',
  RLock: 'taken',
  Semaphore: 'taken',
  BoundedSemaphore: 'taken',
  Limiter: 'taken',
  Future: 'awaited',
};

/** Its creation was not seen: the line that takes it says `with self._lock:` or `jobs.get()`. */
function nameFromUse(trace: Trace, object: TracedObject, sourceLine: SourceLine): string {
  const site = userSite(trace, object.useStack);
  const text = site === undefined ? undefined : sourceLine(site.file, site.line);
  if (site === undefined || text === undefined) return `${object.type} ${object.id}`;
  const code = text.trim();
  const used =
    /^(?:async\s+)?with\s+([\w.]+(?:\[[^\]]*\])?)\s*(?::|as\b)/.exec(code)?.[1] ??
    USE.exec(code)?.[1] ??
    (object.type === 'Future' ? AWAITED.exec(code)?.[1] : undefined);
  if (used === undefined)
    return `${object.type} ${HOW_USED[object.type] ?? 'used'} at ${place(site)}`;
  // It is its own class that takes it: a queue with methods of its own.
  if (used === 'self') return className(site, sourceLine);
  return used.replace(/\[.*\]$/, '[…]').replace(/^self\./, `${className(site, sourceLine)}.`);
}

function assignedName(text: string, site: Site, sourceLine: SourceLine): string | undefined {
  const code = text.trim().replace(/^(?:try|else|finally)\s*:\s*/, '');
  const attribute = /^(?:self|cls)\.(\w+)\s*(?::[^=]+)?=(?!=)\s*(.*)$/.exec(code);
  if (attribute !== null) {
    const name = `${className(site, sourceLine)}.${attribute[1]}`;
    return isCollection(attribute[2] ?? '') ? `${name}[…]` : name;
  }
  const chained = /^([\w.]+)\s*(?::[^=]+)?=(?!=)\s*(.*)$/.exec(code);
  if (chained !== null) {
    const name = chained[1]!;
    const value = chained[2] ?? '';
    if (isCollection(value)) return `${name}[…]`;
    // Inside a class body a plain name is an attribute of the class.
    const indent = text.length - text.trimStart().length;
    return indent > 0 && /^[A-Z]\w*$/.test(site.function.split('.').at(-1) ?? '')
      ? `${site.function}.${name}`
      : name;
  }
  const entry = /^([\w.]+)\[.*\]\s*=(?!=)/.exec(code) ?? /^([\w.]+)\.append\(/.exec(code);
  if (entry !== null)
    return `${entry[1]!.replace(/^self\./, `${className(site, sourceLine)}.`)}[…]`;
  const tuple = /^([a-z_]\w*(?:\s*,\s*[a-z_]\w*)+)\s*=(?!=)/.exec(code);
  if (tuple !== null) return tuple[1]!.replace(/\s*,\s*/g, '/');
  return undefined;
}

/** A list, tuple, set or dict of locks, written out or by comprehension. */
function isCollection(value: string): boolean {
  return /^(?:[[{(]|list\(|tuple\(|dict\()/.test(value) || /\bdefaultdict\(/.test(value);
}

function className(site: Site, sourceLine: SourceLine): string {
  const parts = site.function.split('.');
  if (parts.length > 1) return parts.at(-2) === '<locals>' ? parts[0]! : parts.at(-2)!;
  let indent = Number.POSITIVE_INFINITY;
  for (let line = site.line; line > Math.max(0, site.line - MAX_LINES_TO_CLASS); line--) {
    const text = sourceLine(site.file, line);
    if (text === undefined || text.trim() === '') continue;
    const here = text.length - text.trimStart().length;
    if (here >= indent) continue;
    indent = here;
    const match = /^\s*class\s+(\w+)/.exec(text);
    if (match !== null) return match[1]!;
  }
  return 'self';
}
