/** Which native call of JavaScript a thread has just come back from, by the text of its source. */
import { isLibrary } from './frames.ts';
import type { Site } from './ingest/tables.ts';
import type { SourceLine } from './trace.ts';

/** Those that take long with much data, and call nothing that could be looked at meanwhile. */
const NATIVE =
  /\b(?:JSON\.parse|structuredClone|Buffer\.(?:concat|from)|Object\.fromEntries|deserialize)\(|\.(?:split|join|replaceAll|repeat|toString|fill|indexOf|includes|concat)\(/;
/** Of several near by the one to think of first. */
const FIRST = /\b(?:JSON\.parse|structuredClone|deserialize)\(/;
const HEAD = /\bfunction\b|=>|^\s*(?:async\s+)?[#\w$]+\s*\([^;]*\)\s*\{\s*$/;
const MOST_LINES = 6;
const MOST_FRAMES = 3;
const INSTALLED = /[\\/]node_modules[\\/]/;

/** Undefined where the source does not show it. @param sites innermost first */
export function nativeLine(sites: readonly Site[], sourceLine: SourceLine): Site | undefined {
  const isOwn = ({ file }: Site) => !isLibrary(file);
  const own = sites.some(isOwn) ? isOwn : ({ file }: Site) => INSTALLED.test(file);
  for (const site of sites.filter(own).slice(0, MOST_FRAMES)) {
    const text = sourceLine(site.file, site.line);
    if (text === undefined) return undefined;
    // It may only just have been called: then what took long is its caller's, and what stands above it is another function's.
    const isHead = site === sites[0] && HEAD.test(text);
    const found = before(site, text, sourceLine, isHead);
    if (found !== undefined || !isHead) return found;
  }
  return undefined;
}

/** The nearest line of the same block that has one, from the site upwards. */
function before(
  site: Site,
  text: string,
  sourceLine: SourceLine,
  isHead: boolean,
): Site | undefined {
  const depth = indent(text);
  let found: Site | undefined;
  for (let line = site.line; line > Math.max(0, site.line - MOST_LINES); line--) {
    const other = sourceLine(site.file, line) ?? '';
    if (other.trim() !== '' && indent(other) < depth) break;
    if (isHead && indent(other) > depth) continue;
    const isFirst = FIRST.test(other);
    if (isFirst || (found === undefined && NATIVE.test(other))) found = { ...site, line };
    if (isFirst) break;
  }
  return found;
}

function indent(text: string): number {
  return text.length - text.trimStart().length;
}
