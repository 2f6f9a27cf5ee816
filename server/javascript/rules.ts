// Every JavaScript and TypeScript lint on one screen: its stable name and number, severity, title and kind of fix.
import type { LintSeverity } from '../diagnostic.ts';
import type { FixKind } from '../ruleEntry.ts';
import type { Check } from './rule.ts';
import { asyncCallbackIgnored } from './rules/asyncCallbackIgnored.ts';
import { asyncPromiseExecutor } from './rules/asyncPromiseExecutor.ts';
import { atomicsMisuse } from './rules/atomicsMisuse.ts';
import { awaitInLoop } from './rules/awaitInLoop.ts';
import { floatingPromise } from './rules/floatingPromise.ts';
import { nonAtomicUpdate } from './rules/nonAtomicUpdate.ts';
import { promiseAllFailsFast } from './rules/promiseAllFailsFast.ts';
import { syncIoInAsync } from './rules/syncIoInAsync.ts';
import { unsupervisedWorker } from './rules/unsupervisedWorker.ts';

export interface JavascriptRule {
  /** The LSP code. */
  readonly id: string;
  readonly number: number;
  readonly severity: LintSeverity;
  readonly title: string;
  readonly fix: FixKind;
  readonly check: Check;
}

function rule(
  id: string,
  number: number,
  severity: LintSeverity,
  title: string,
  fix: FixKind,
  check: Check,
): JavascriptRule {
  return { id, number, severity, title, fix, check };
}

export const JAVASCRIPT_RULES: readonly JavascriptRule[] = [
  rule(
    'floating-promise',
    701,
    'warning',
    'Promise nobody waits for',
    'suggestion',
    floatingPromise,
  ),
  rule(
    'async-promise-executor',
    702,
    'warning',
    'Promise executor is async',
    'suggestion',
    asyncPromiseExecutor,
  ),
  rule(
    'await-in-loop',
    703,
    'hint',
    'Awaits one after another in a loop',
    'suggestion',
    awaitInLoop,
  ),
  rule(
    'async-callback-ignored',
    704,
    'warning',
    'Promise where nobody looks at it',
    'automatic',
    asyncCallbackIgnored,
  ),
  rule('non-atomic-update', 705, 'info', 'Read, await, write', 'none', nonAtomicUpdate),
  rule(
    'sync-io-in-async',
    706,
    'info',
    'Synchronous I/O in an async function',
    'suggestion',
    syncIoInAsync,
  ),
  rule(
    'promise-all-fails-fast',
    707,
    'hint',
    'One failure hides what the others did',
    'suggestion',
    promiseAllFailsFast,
  ),
  rule(
    'unsupervised-worker',
    708,
    'info',
    'Worker nobody listens to',
    'suggestion',
    unsupervisedWorker,
  ),
  rule('atomics-misuse', 709, 'warning', 'Shared memory used wrongly', 'suggestion', atomicsMisuse),
];
