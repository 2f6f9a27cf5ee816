/** SARIF 2.1.0, which code hosts turn into annotations of lines: of lints and of what a run found. */
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding, Location, Report } from '../wire/report.ts';
import { RULES, type Severity } from '../wire/rules.ts';

export interface SarifRule {
  readonly id: string;
  readonly level: string;
  readonly title?: string;
}

export const LEVELS: Readonly<Record<Severity | 'hint', string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
};

export function sarifLog(rules: readonly SarifRule[], results: readonly object[]): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'interleave',
            rules: rules.map(({ id, level, title }) => ({
              id,
              ...(title === undefined ? {} : { shortDescription: { text: title } }),
              defaultConfiguration: { level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

/** Lines of the program that lie below `folder` come first: code hosts annotate only those. */
export function reportSarif({ findings }: Report, folder: string): object {
  const used = [...new Set(findings.map((one) => one.rule))];
  return sarifLog(
    used.map((id) => ({ id, level: LEVELS[RULES[id]] })),
    findings.map((finding) => {
      const [first, ...rest] = inFolderFirst(finding.locations, folder);
      return {
        ruleId: finding.rule,
        level: LEVELS[finding.severity],
        message: { text: messageOf(finding) },
        locations: first === undefined ? [] : [{ physicalLocation: physical(first, folder) }],
        ...(rest.length === 0
          ? {}
          : {
              relatedLocations: rest.map((one) => ({
                physicalLocation: physical(one, folder),
                message: { text: one.label },
              })),
            }),
      };
    }),
  );
}

function messageOf({ title, detail }: Finding): string {
  return detail === '' ? title : `${title}. ${detail}`;
}

function inFolderFirst(locations: readonly Location[], folder: string): readonly Location[] {
  const first = locations.findIndex((one) => pathIn(one.file, folder) !== undefined);
  return first <= 0 ? locations : [locations[first]!, ...locations.toSpliced(first, 1)];
}

function physical({ file, line }: Location, folder: string) {
  const path = pathIn(file, folder);
  return {
    artifactLocation: {
      // Made by the program: `<frozen importlib>` is no path at all.
      uri: path !== undefined ? encodeURI(path) : uriOf(file),
    },
    region: { startLine: Math.max(1, line) },
  };
}

function uriOf(file: string): string {
  return file.startsWith('<') ? encodeURIComponent(file) : pathToFileURL(file).href;
}

/** Relative to the folder, split by `/`; undefined for what lies elsewhere. */
export function pathIn(file: string, folder: string): string | undefined {
  const path = relative(folder, resolve(folder, file));
  const isOutside = path === '' || path.startsWith('..') || path === resolve(path);
  return isOutside || file.startsWith('<') ? undefined : path.split(sep).join('/');
}
