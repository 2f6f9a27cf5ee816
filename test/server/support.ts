// What the language server's tests share: a service over files in memory and the pages of the rules.
import { readFileSync } from 'node:fs';
import { createLanguageService, type LanguageService } from '../../server/service.ts';
import { memoryWorkspace } from '../../server/workspace.ts';

export function serviceOver(
  files: Readonly<Record<string, string>> = {},
): Promise<LanguageService> {
  return createLanguageService(memoryWorkspace(files));
}

export interface Page {
  readonly text: string;
  readonly bad: string;
  readonly good: string;
}

/** A rule's page with its two examples. */
export function readPage(rule: string): Page {
  const text = readFileSync(new URL(`../../docs/rules/${rule}.md`, import.meta.url), 'utf8');
  return { text, bad: example(text, 'Bad'), good: example(text, 'Good') };
}

function example(text: string, heading: string): string {
  const found = new RegExp(`## ${heading}\\n\\n\`\`\`(?:python|js)\\n([\\s\\S]*?)\`\`\``).exec(
    text,
  );
  if (found === null) throw new Error(`The page has no example under "${heading}".`);
  return found[1]!;
}
