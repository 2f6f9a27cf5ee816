// Every Python lint, in the order of its number.
import { ASYNC_RULES } from './asyncRules.ts';
import type { Rule } from './ruleEntry.ts';
import { THREAD_RULES } from './threadRules.ts';

export const PYTHON_RULES: readonly Rule[] = [...ASYNC_RULES, ...THREAD_RULES];
