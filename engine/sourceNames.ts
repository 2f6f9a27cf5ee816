/** Names of locks, queues and pools as a reader of the source knows them: from the line that made or takes them. */

import { place, userSite } from './frames.ts';
import type { TracedObject } from './ingest/object.ts';
import type { Site } from './ingest/tables.ts';
import type { SourceLine, Trace } from './trace.ts';

/** How far above a `self.x = …` its `class` line is looked for. */
const MAX_LINES_TO_CLASS = 600;
/** A call may begin above the line the interpreter reports. */
const MAX_LINES_TO_ASSIGNMENT = 4;

/** `SafeCounter._lock`, `lock_a`, `locks[…]`, else `Lock at file.py:12`. */
export function sourceName(trace: Trace, object: TracedObject, sourceLine: SourceLine): string {
  if (object.givenName !== '') return object.givenName;
  const site = userSite(trace, object.stack);
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

/** Its creation was not seen: the line that takes it says `with self._lock:` or `jobs.get()`. */
function nameFromUse(trace: Trace, object: TracedObject, sourceLine: SourceLine): string {
  const site = userSite(trace, object.useStack);
  const text = site === undefined ? undefined : sourceLine(site.file, site.line);
  if (site === undefined || text === undefined) return `${object.type} ${object.id}`;
  const code = text.trim();
  const used =
    /^(?:async\s+)?with\s+([\w.]+(?:\[[^\]]*\])?)\s*(?::|as\b)/.exec(code)?.[1] ??
    USE.exec(code)?.[1];
  if (used === undefined) return `${object.type} taken at ${place(site)}`;
  return used.replace(/\[.*\]$/, '[…]').replace(/^self\./, `${className(site, sourceLine)}.`);
}

function assignedName(text: string, site: Site, sourceLine: SourceLine): string | undefined {
  const code = text.trim();
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
