/** What the last run saw, file by file, as the language server wants it beside its lints. */
import type { EvidenceMessage, LineEvidence } from '../wire/service.ts';
import type { Run } from './run.ts';

export function evidenceOf(run: Run | undefined): EvidenceMessage {
  const files = new Map<string, LineEvidence[]>();
  const add = (file: string, evidence: LineEvidence): void => {
    const lines = files.get(file) ?? [];
    lines.push(evidence);
    files.set(file, lines);
  };
  for (const { rule, title, locations } of run?.findings ?? []) {
    for (const { file, line } of locations) add(file, { line, rule, text: `${title}.` });
  }
  for (const { file, line, kind, text } of run?.measures ?? []) {
    if (kind !== 'finding') add(file, { line, text: `${text}.` });
  }
  return {
    hasRecording: run !== undefined,
    files: [...files].map(([path, lines]) => ({ path, lines })),
  };
}
