// What the editor's side and the language server say to each other beyond the language server protocol.

/** Sent by the editor's side after a run: what the last recordings saw, by file and line. Replaces what was sent before. */
export const EVIDENCE_NOTIFICATION = 'interleave/evidence';

export interface EvidenceMessage {
  /** False while no recording was made: then a hover says "not seen in a run yet". */
  readonly hasRecording: boolean;
  readonly files: readonly FileEvidence[];
}

export interface FileEvidence {
  /** Absolute, or relative to a folder of the workspace; folders split by `/`. */
  readonly path: string;
  readonly lines: readonly LineEvidence[];
}

export interface LineEvidence {
  /** Counts from 1, as in recordings and reports. */
  readonly line: number;
  /** The finding's rule, as in `wire/rules.ts`; absent for measures that are no finding. */
  readonly rule?: string;
  /** A sentence with its number: "Blocked the loop 41 times, p99 310 ms." */
  readonly text: string;
}

/** `source` of all diagnostics: of lints, and of those that the editor's side makes of a run's findings; their `code` is the rule. */
export const SOURCE = 'Interleave';

/** What the editor's side hands over when it starts the server. */
export interface ServerOptions {
  /** Folder URI of the rules' pages; without it the server looks beside itself. */
  readonly docs?: string;
  /** The `interleave.lint` settings: `enabled`, `rules`, `blocking`, `workspace`. */
  readonly settings?: unknown;
}
