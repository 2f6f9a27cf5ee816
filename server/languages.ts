// Which analyser reads which document: the seam where another language joins.
import type { Diagnostic, Fix } from './diagnostic.ts';
import type { Hover } from './service.ts';
import type { LintSettings } from './settings.ts';

export interface Analyser {
  /** Language ids as editors say them. */
  readonly languages: readonly string[];
  /** File name endings with their dot. */
  readonly extensions: readonly string[];
  /** Loads what files like this one need; what is not prepared has no diagnostics. */
  prepare(path: string): Promise<void>;
  /** Undefined when `cancelled` said so meanwhile. */
  diagnose(
    path: string,
    text: string,
    settings: LintSettings,
    cancelled?: () => boolean,
  ): readonly Diagnostic[] | undefined;
  hover(path: string, text: string, offset: number): Hover | undefined;
  /** Ways out of a finding of a run at a stretch of the text, where the language has some. */
  findingFixes?(path: string, text: string, rule: string, from: number, to: number): readonly Fix[];
  changed(path: string): void;
}

/** The analyser for a path, or for a language id where the path has no telling name; a notebook's cells are Python. */
export function analyserOf(
  analysers: readonly Analyser[],
  path: string,
  language?: string,
): Analyser | undefined {
  if (language !== undefined) {
    const byLanguage = analysers.find((each) => each.languages.includes(language));
    if (byLanguage !== undefined) return byLanguage;
  }
  const file = path.replace(/\.ipynb(?:#.*)?$/, '.py');
  return analysers.find((each) => each.extensions.some((extension) => file.endsWith(extension)));
}
