/** The ground truth of the sample and corpus programs: reads a program's header, and holds a report against it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RULES } from '../../wire/rules.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** One finding that must come out. `or` holds rules that say the same thing well enough. */
export interface Expectation {
  readonly rule: string;
  readonly or: readonly string[];
  /** Each must be among the locations of a finding of this rule. */
  readonly lines: readonly Place[];
}

export interface Program {
  readonly file: string;
  readonly runtime: 'python' | 'node';
  readonly title: string;
  readonly shows: string;
  readonly expect: readonly Expectation[];
  /** Rules that must not come out; `warning` and `error` forbid every one not expected. */
  readonly forbid: readonly string[];
  /** Rules that may come out without being a false alarm. */
  readonly may: readonly string[];
  readonly timeout: number;
  readonly exit: 'timeout' | 'deadlock' | number;
  readonly requires: readonly string[];
  readonly seeds: readonly string[];
  readonly cureOf: string | undefined;
}

/** The part of a report's JSON that a judgement needs. */
export interface JudgedReport {
  readonly exit?: { readonly code?: number | null; readonly reason?: string };
  readonly findings: readonly JudgedFinding[];
}

export interface JudgedFinding {
  readonly rule: string;
  readonly severity: string;
  readonly title?: string;
  readonly locations: readonly { readonly file?: string | null; readonly line?: number | null }[];
}

export interface Judgement {
  /** Rules that were expected and did not come out. */
  readonly missing: readonly string[];
  /** Rules that came out without a line they had to name. */
  readonly wrongLine: readonly { readonly rule: string; readonly place: Place }[];
  readonly falseAlarms: readonly JudgedFinding[];
  /** How the program ended, when that is not what its header says. */
  readonly wrongExit: string | undefined;
}

const COMMENT = /^(?:#|\/\/)/;
const HEADER = /^(?:#|\/\/)\s*([a-z][a-z-]*):\s*(.*)$/;
const MARKER = /\S.*(?:#|\/\/)\s*expect:\s*([a-z|,\s-]+)$/;
const PROGRAM = /\.(?:py|[cm]?[jt]s)$/;
const RULE = /^([a-z-]+(?:\|[a-z-]+)*)(?:@([\d,]+))?$/;

/** Reads the header and the marker comments of one program (see samples/README.md). Throws on an unknown rule or key. */
export function loadProgram(path: string): Program {
  const file = resolve(path);
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  const header = readHeader(lines, file);
  const withFiles = words(header.get('with')).map((name) => join(dirname(file), name));
  const marks = [file, ...withFiles].flatMap(marksOf);
  const expect = words(header.get('expect'))
    .filter((word) => word !== 'nothing')
    .map((word) => expectation(word, marks, file));
  for (const mark of marks) {
    if (!expect.some((one) => rulesOf(one).some((rule) => mark.rules.includes(rule)))) {
      throw new Error(
        `${file}:${mark.place.line} marks ${mark.rules.join('|')}, which the header does not expect.`,
      );
    }
  }
  return {
    file,
    runtime: file.endsWith('.py') ? 'python' : 'node',
    title: header.get('title') ?? basename(file, '.py').replaceAll('_', ' '),
    shows: header.get('shows') ?? '',
    expect,
    forbid: words(header.get('not')).map((word) => known(word, file)),
    may: words(header.get('may')).map((word) => known(word, file)),
    timeout: Number(header.get('timeout') ?? 15),
    exit: exitOf(header.get('exit') ?? '0'),
    requires: (header.get('requires') ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
    seeds: words(header.get('seeds')),
    cureOf: header.get('cure-of'),
  };
}

/** All programs below a folder, by path; a file without an `expect:` header is somebody's helper module. */
export function loadPrograms(folder: string, runtime?: Program['runtime']): Program[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => PROGRAM.test(name))
    .map((name) => join(folder, name))
    .filter((name) => /^(?:#|\/\/) expect:/m.test(readFileSync(name, 'utf8').slice(0, 4000)))
    .sort()
    .map(loadProgram)
    .filter((program) => runtime === undefined || program.runtime === runtime);
}

/** Holds a report against the header. `info` findings are false alarms only when forbidden by name. */
export function judge(program: Program, report: JudgedReport): Judgement {
  const missing: string[] = [];
  const wrongLine: { rule: string; place: Place }[] = [];
  const allowed = new Set(program.may);
  for (const one of program.expect) {
    const rules = rulesOf(one);
    for (const rule of rules) allowed.add(rule);
    const found = report.findings.filter((finding) => rules.includes(finding.rule));
    if (found.length === 0) {
      missing.push(rules.join('|'));
      continue;
    }
    for (const place of one.lines) {
      if (!found.some((finding) => names(finding, place)))
        wrongLine.push({ rule: one.rule, place });
    }
  }
  // A deadlock of two locks is also an inversion of their order: saying so is right, not saying so is no miss.
  if (allowed.has('deadlock')) allowed.add('lock-order-inversion');
  const falseAlarms = report.findings.filter(
    (finding) =>
      !allowed.has(finding.rule) &&
      (finding.severity !== 'info' || program.forbid.includes(finding.rule)),
  );
  return { missing, wrongLine, falseAlarms, wrongExit: wrongExit(program, report) };
}

function wrongExit(program: Program, report: JudgedReport): string | undefined {
  if (report.exit === undefined) return undefined;
  const { code, reason } = report.exit;
  if (typeof program.exit === 'number') {
    return reason === 'exited' && code === program.exit
      ? undefined
      : `ended by ${reason} with ${code}, expected exit status ${program.exit}`;
  }
  return reason === 'timeout' || reason === 'deadlock'
    ? undefined
    : `ended by ${reason} with ${code}, expected it to be stuck`;
}

function readHeader(lines: readonly string[], file: string): Map<string, string> {
  const header = new Map<string, string>();
  for (const line of lines) {
    if (!COMMENT.test(line)) break;
    const match = HEADER.exec(line);
    if (match === null) continue;
    const [, key = '', value = ''] = match;
    if (!KEYS.has(key)) throw new Error(`${file}: unknown header key "${key}".`);
    header.set(key, value.trim());
  }
  return header;
}

const KEYS = new Set(
  'title seeds shows expect not may timeout exit requires with cure-of'.split(' '),
);

interface Mark {
  readonly rules: readonly string[];
  readonly place: Place;
}

function marksOf(file: string): Mark[] {
  if (!existsSync(file)) throw new Error(`${file} is named by a header and does not exist.`);
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.flatMap((text, index) => {
    const match = COMMENT.test(text.trimStart()) ? null : MARKER.exec(text);
    if (match === null) return [];
    const place = { file, line: index + 1 };
    return words(match[1]).map((word) => ({ rules: word.split('|'), place }));
  });
}

function expectation(word: string, marks: readonly Mark[], file: string): Expectation {
  const match = RULE.exec(word);
  if (match === null) throw new Error(`${file}: "${word}" is no rule of an expect: header.`);
  const [first = '', ...or] = (match[1] ?? '').split('|').map((rule) => known(rule, file));
  const numbered = (match[2] ?? '').split(',').filter(Boolean);
  const marked = marks.filter((mark) =>
    mark.rules.some((rule) => rule === first || or.includes(rule)),
  );
  const lines = [
    ...numbered.map((line) => ({ file, line: Number(line) })),
    ...marked.map((mark) => mark.place),
  ];
  return { rule: first, or, lines };
}

function rulesOf(one: Expectation): string[] {
  return [one.rule, ...one.or];
}

function known(rule: string, file: string): string {
  if (rule in RULES || rule === 'warning' || rule === 'error') return rule;
  throw new Error(`${file}: there is no rule "${rule}".`);
}

function names(finding: JudgedFinding, place: Place): boolean {
  return finding.locations.some(
    ({ file, line }) => line === place.line && basename(file ?? '') === basename(place.file),
  );
}

function exitOf(text: string): Program['exit'] {
  return text === 'timeout' || text === 'deadlock' ? text : Number(text);
}

function words(text: string | undefined): string[] {
  return (text ?? '')
    .split(/[\s]+|,\s+/)
    .map((word) => word.replace(/,$/, ''))
    .filter(Boolean);
}
