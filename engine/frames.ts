/** Picks the frames of a stack a person wants to see: their own lines first, the library's behind. */
import type { Location } from '../wire/report.ts';
import type { Site } from './ingest/tables.ts';
import type { Trace } from './trace.ts';

const LIBRARY =
  /[\\/](?:site|dist)-packages[\\/]|^(?:node|wasm):|[\\/]node_modules[\\/]|[\\/]lib[\\/]python\d|[\\/]Python\d+[\\/]Lib[\\/]|[\\/]lib[\\/]pypy\d|[\\/]interleave_probe[\\/]run_target\.py$|^</i;
/** Windows keeps the standard library in `Lib`, wherever that Python lies, and programs may have such a folder too. */
const LIBRARY_ON_WINDOWS =
  /\\Lib\\(?:(?:asyncio|collections|concurrent|ctypes|email|encodings|html|http|importlib|json|logging|multiprocessing|re|sqlite3|unittest|urllib|wsgiref|xml|xmlrpc|zipfile)\\|(?:_pydatetime|_pyio|_strptime|_weakrefset|ast|base64|bdb|bz2|codecs|contextlib|copy|csv|dataclasses|datetime|decimal|enum|fractions|ftplib|functools|glob|gzip|hashlib|heapq|imaplib|inspect|io|linecache|lzma|os|pathlib|pdb|pickle|poplib|queue|random|runpy|sched|selectors|shutil|smtplib|socket|socketserver|ssl|statistics|subprocess|tarfile|tempfile|threading|timeit|traceback|typing|uuid|warnings|weakref|zipfile)\.py$)/;
/** Installed by somebody, rather than part of Python or Node. */
const INSTALLED = /[\\/](?:(?:site|dist)-packages|node_modules)[\\/]/i;
/** Calls the steps of an event loop: below it stands who started the loop, not who is to blame for a step. */
const LOOP = /[\\/]asyncio[\\/](?:events|base_events|runners)\.py$|[\\/]uvloop[\\/]__init__\.py$/;
const LOOP_CALL = /(?:^|\.)(?:_run|_run_once|run_forever|run_until_complete|run)$/;
const SERVICE = /[\\/](?:concurrent[\\/]futures|multiprocessing)[\\/]\w+\.py$/;

/** What an installer puts in a folder of commands to call a package's main function: nobody's own code. */
const COMMAND = /[\\/](?:bin|Scripts)[\\/][^\\/.]+(?:\.exe[\\/]__main__\.py)?$/;
const COMMAND_LINES = 12;

function isOwn({ file, line, function: name }: Site): boolean {
  if (isLibrary(file)) return false;
  return !(name === '<module>' && line <= COMMAND_LINES && COMMAND.test(file));
}

/** True for code of the standard library, installed packages and generated code. */
export function isLibrary(file: string): boolean {
  return LIBRARY.test(file) || LIBRARY_ON_WINDOWS.test(file);
}

export function sitesOf(trace: Trace, stack: number): readonly Site[] {
  return trace.stacks.get(stack).map((site) => trace.sites.get(site));
}

/** The innermost frame of the program itself; the library's that tells most when there is none. */
export function userSite(trace: Trace, stack: number): Site | undefined {
  const sites = sitesOf(trace, stack);
  return sites.find(isOwn) ?? tellingSite(sites);
}

/** The frames of what runs on an event loop, without those that run the loop. */
export function stepSites(trace: Trace, stack: number): readonly Site[] {
  const sites = sitesOf(trace, stack);
  const end = sites.findIndex(
    ({ file, function: name }) => LOOP.test(file) && LOOP_CALL.test(name),
  );
  return end <= 0 ? sites : sites.slice(0, end);
}

/** Of frames that are all the library's: the one that tells a person most, of an installed package before Python's own. */
export function tellingSite(sites: readonly Site[]): Site | undefined {
  return (
    sites.find((site) => INSTALLED.test(site.file)) ??
    sites.find((site) => !site.file.startsWith('<')) ??
    sites[0]
  );
}

export function location(trace: Trace, stack: number, label: string): Location | undefined {
  const site = userSite(trace, stack);
  return site === undefined ? undefined : locationOf(site, label);
}

export function locationOf(site: Site, label: string): Location {
  const { file, line } = site;
  return { file, line, label, ...(site.function === '' ? {} : { function: site.function }) };
}

/** The line where it is, then the library's line inside when that is another, then the program's callers. */
export function locationsOf(
  trace: Trace,
  stack: number,
  label: string,
  callers = 0,
): readonly Location[] {
  const sites = sitesOf(trace, stack);
  const own = sites.filter(isOwn);
  const first = own[0] ?? tellingSite(sites);
  if (first === undefined) return [];
  const found = [locationOf(first, label)];
  const inner = sites[0]!;
  if (inner !== first) found.push(locationOf(inner, `inside the library: ${inner.function}`));
  for (const site of own.slice(1, 1 + callers)) found.push(locationOf(site, 'called from here'));
  return found;
}

/** Who called the program's line that a wait is told at: of the library inside nobody needs to know. */
export function callersOf(trace: Trace, stack: number, most: number): readonly Location[] {
  return sitesOf(trace, stack)
    .filter(isOwn)
    .slice(1, 1 + most)
    .map((site) => locationOf(site, 'called from here'));
}

/** The whole stack, innermost first. */
export function stackLocations(trace: Trace, stack: number): readonly Location[] {
  return sitesOf(trace, stack).map((site) => locationOf(site, site.function));
}

/** The source text of the program's line of a stack, when the trace may read sources. */
export function sourceOf(trace: Trace, stack: number): string | undefined {
  const site = userSite(trace, stack);
  return site === undefined ? undefined : trace.sourceLine(site.file, site.line);
}

/** `orders.py:41`. */
export function place(site: Site | Location | undefined): string {
  if (site === undefined) return 'an unknown line';
  return `${site.file.split(/[\\/]/).at(-1)}:${site.line}`;
}

/** A thread that runs nothing but the machinery of pools and process queues. */
export function isServiceStack(trace: Trace, stack: number): boolean {
  const sites = sitesOf(trace, stack);
  return (
    sites.length > 0 &&
    sites.every((site) => isLibrary(site.file)) &&
    sites.some((site) => SERVICE.test(site.file))
  );
}
