/** What the last run saw, file by file, as the language server wants it beside its lints. */
import type { EvidenceMessage, LineEvidence } from '../wire/service.ts';
import { editorPath } from './editorPath.ts';
import type { Edits } from './edits.ts';
import type { Run } from './run.ts';

export function evidenceOf(run: Run | undefined, edits: Edits): EvidenceMessage {
  const files = new Map<string, LineEvidence[]>();
  const add = (file: string, evidence: LineEvidence): void => {
    const path = editorPath(file);
    const lines = files.get(path) ?? [];
    const { line, isChanged } = edits.lineNow(file, evidence.line, run?.startedAt ?? 0);
    const text = isChanged ? `${evidence.text} That was before your changes.` : evidence.text;
    lines.push({ ...evidence, line, text });
    files.set(path, lines);
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
