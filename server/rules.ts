// Every Python lint on one screen: its stable name and number, how severe it is, what it is called, how it is mended.
import type { LintSeverity } from './diagnostic.ts';
import type { Check } from './rule.ts';
import { acquireWithoutWith } from './rules/acquireWithoutWith.ts';
import { asyncBusyWait } from './rules/asyncBusyWait.ts';
import { asyncSyncMismatch } from './rules/asyncSyncMismatch.ts';
import { blockingFileIo } from './rules/blockingFileIo.ts';
import { blockingHelper } from './rules/blockingHelper.ts';
import { blockingHttp } from './rules/blockingHttp.ts';
import { blockingInput } from './rules/blockingInput.ts';
import { blockingSleep } from './rules/blockingSleep.ts';
import { blockingSubprocess } from './rules/blockingSubprocess.ts';
import { blockingWait } from './rules/blockingWait.ts';
import { cancellationSwallowed } from './rules/cancellationSwallowed.ts';
import { clientPerItem } from './rules/clientPerItem.ts';
import { conditionNotHeld } from './rules/conditionNotHeld.ts';
import { coroutineNotAwaited } from './rules/coroutineNotAwaited.ts';
import { cpuBoundInAsync } from './rules/cpuBoundInAsync.ts';
import { cpuBoundThreads } from './rules/cpuBoundThreads.ts';
import { daemonWithWork } from './rules/daemonWithWork.ts';
import { deprecatedLoopAccess } from './rules/deprecatedLoopAccess.ts';
import { deprecatedThreadingName } from './rules/deprecatedThreadingName.ts';
import { forkWithThreads } from './rules/forkWithThreads.ts';
import { futureNeverRead } from './rules/futureNeverRead.ts';
import { gatherLosesFailures } from './rules/gatherLosesFailures.ts';
import { globalAcrossProcesses } from './rules/globalAcrossProcesses.ts';
import { idleTimeoutScope } from './rules/idleTimeoutScope.ts';
import { joinWithoutTimeout } from './rules/joinWithoutTimeout.ts';
import { jumpOutOfTaskgroup } from './rules/jumpOutOfTaskgroup.ts';
import { lateBoundLoopVariable } from './rules/lateBoundLoopVariable.ts';
import { lockAcrossAwait } from './rules/lockAcrossAwait.ts';
import { lockNotShared } from './rules/lockNotShared.ts';
import { lockOrderInversion } from './rules/lockOrderInversion.ts';
import { longHold } from './rules/longHold.ts';
import { managerMisuse } from './rules/managerMisuse.ts';
import { missingMainGuard } from './rules/missingMainGuard.ts';
import { missingSentinel } from './rules/missingSentinel.ts';
import { missingTaskDone } from './rules/missingTaskDone.ts';
import { mutableContextvarDefault } from './rules/mutableContextvarDefault.ts';
import { needlessAsync } from './rules/needlessAsync.ts';
import { nestedAcquireWithoutTimeout } from './rules/nestedAcquireWithoutTimeout.ts';
import { noOverlap } from './rules/noOverlap.ts';
import { poolStarvation } from './rules/poolStarvation.ts';
import { poolWithoutWith } from './rules/poolWithoutWith.ts';
import { runInRunningLoop } from './rules/runInRunningLoop.ts';
import { runInsteadOfStart } from './rules/runInsteadOfStart.ts';
import { selfDeadlock } from './rules/selfDeadlock.ts';
import { singleTaskGroup } from './rules/singleTaskGroup.ts';
import { targetCalled } from './rules/targetCalled.ts';
import { taskDropped } from './rules/taskDropped.ts';
import { threadTargetPositional } from './rules/threadTargetPositional.ts';
import { timeoutParameter } from './rules/timeoutParameter.ts';
import { unboundedQueue } from './rules/unboundedQueue.ts';
import { unlockedSharedValue } from './rules/unlockedSharedValue.ts';
import { unlockedSharedWrite } from './rules/unlockedSharedWrite.ts';
import { unpairedRelease } from './rules/unpairedRelease.ts';
import { unpicklableWork } from './rules/unpicklableWork.ts';
import { unsafeLoopCall } from './rules/unsafeLoopCall.ts';
import { waitNotInLoop } from './rules/waitNotInLoop.ts';
import { wallClockDuration } from './rules/wallClockDuration.ts';
import { yieldInScope } from './rules/yieldInScope.ts';

/** Whether a rule's fix may be applied unseen, is one of several the user picks from, or does not exist. */
export type FixKind = 'automatic' | 'suggestion' | 'none';

export interface Rule {
  /** The LSP code; the same as the finding's where a run sees the same thing. */
  readonly id: string;
  readonly number: number;
  readonly severity: LintSeverity;
  readonly title: string;
  readonly fix: FixKind;
  /** The rule's page, below the project's root. */
  readonly doc: string;
  readonly check: Check;
}

function rule(
  id: string,
  number: number,
  severity: LintSeverity,
  title: string,
  fix: FixKind,
  check: Check,
): Rule {
  return { id, number, severity, title, fix, doc: `docs/rules/${id}.md`, check };
}

export const PYTHON_RULES: readonly Rule[] = [
  rule(
    'blocking-sleep',
    101,
    'warning',
    'time.sleep stops the event loop',
    'automatic',
    blockingSleep,
  ),
  rule(
    'blocking-http',
    102,
    'warning',
    'Synchronous HTTP request in an async function',
    'suggestion',
    blockingHttp,
  ),
  rule(
    'blocking-subprocess',
    103,
    'warning',
    'Child process waited for synchronously in an async function',
    'suggestion',
    blockingSubprocess,
  ),
  rule(
    'blocking-file-io',
    104,
    'info',
    'File I/O in an async function',
    'suggestion',
    blockingFileIo,
  ),
  rule(
    'blocking-input',
    105,
    'warning',
    'input() in an async function',
    'automatic',
    blockingInput,
  ),
  rule(
    'blocking-wait',
    106,
    'warning',
    'Synchronous wait in an async function',
    'suggestion',
    blockingWait,
  ),
  rule(
    'blocking-helper',
    107,
    'warning',
    'A helper blocks the event loop',
    'suggestion',
    blockingHelper,
  ),
  rule(
    'cpu-bound-in-async',
    108,
    'hint',
    'Heavy computing in an async function',
    'suggestion',
    cpuBoundInAsync,
  ),
  rule(
    'coroutine-not-awaited',
    201,
    'error',
    'Coroutine called and not awaited',
    'automatic',
    coroutineNotAwaited,
  ),
  rule('task-dropped', 202, 'warning', 'Task not kept', 'automatic', taskDropped),
  rule(
    'gather-loses-failures',
    203,
    'info',
    'Failures lost by gather',
    'suggestion',
    gatherLosesFailures,
  ),
  rule(
    'cancellation-swallowed',
    204,
    'warning',
    'Cancellation swallowed',
    'automatic',
    cancellationSwallowed,
  ),
  rule(
    'deprecated-loop-access',
    205,
    'warning',
    'Deprecated access to the event loop',
    'automatic',
    deprecatedLoopAccess,
  ),
  rule(
    'run-in-running-loop',
    206,
    'error',
    'A loop run inside a running loop',
    'automatic',
    runInRunningLoop,
  ),
  rule(
    'async-sync-mismatch',
    207,
    'error',
    'Async and sync mixed up',
    'automatic',
    asyncSyncMismatch,
  ),
  rule(
    'lock-across-await',
    208,
    'warning',
    'Thread lock held across an await',
    'suggestion',
    lockAcrossAwait,
  ),
  rule(
    'unsafe-loop-call',
    209,
    'warning',
    'Event loop touched from a thread',
    'suggestion',
    unsafeLoopCall,
  ),
  rule('async-busy-wait', 210, 'hint', 'Polling with sleep', 'none', asyncBusyWait),
  rule(
    'needless-async',
    211,
    'hint',
    'Async function that never awaits',
    'suggestion',
    needlessAsync,
  ),
  rule(
    'jump-out-of-taskgroup',
    212,
    'info',
    'Jump out of a task group',
    'none',
    jumpOutOfTaskgroup,
  ),
  rule('yield-in-scope', 213, 'info', 'Yield inside a context manager', 'none', yieldInScope),
  rule(
    'idle-timeout-scope',
    214,
    'warning',
    'Timeout scope without an await',
    'none',
    idleTimeoutScope,
  ),
  rule('single-task-group', 215, 'hint', 'Task group with one task', 'none', singleTaskGroup),
  rule('timeout-parameter', 216, 'hint', 'Timeout as a parameter', 'none', timeoutParameter),
  rule('no-overlap', 217, 'hint', 'Independent awaits one after another', 'suggestion', noOverlap),
  rule(
    'client-per-item',
    218,
    'warning',
    'Client, pool or loop made for every item',
    'suggestion',
    clientPerItem,
  ),
  rule(
    'acquire-without-with',
    301,
    'warning',
    'Lock acquired without with',
    'automatic',
    acquireWithoutWith,
  ),
  rule(
    'nested-acquire-without-timeout',
    302,
    'hint',
    'Second lock waited for without limit',
    'suggestion',
    nestedAcquireWithoutTimeout,
  ),
  rule(
    'lock-order-inversion',
    303,
    'error',
    'Locks taken in both orders',
    'suggestion',
    lockOrderInversion,
  ),
  rule('self-deadlock', 304, 'error', 'Lock taken again while held', 'suggestion', selfDeadlock),
  rule(
    'wait-not-in-loop',
    305,
    'warning',
    'Condition.wait outside a loop',
    'automatic',
    waitNotInLoop,
  ),
  rule(
    'condition-not-held',
    306,
    'error',
    'Condition used without holding it',
    'automatic',
    conditionNotHeld,
  ),
  rule('unpaired-release', 307, 'info', 'Release without acquire', 'automatic', unpairedRelease),
  rule('lock-not-shared', 308, 'error', 'Lock that nobody shares', 'suggestion', lockNotShared),
  rule('long-hold', 309, 'info', 'Waiting while a lock is held', 'suggestion', longHold),
  rule(
    'unlocked-shared-write',
    401,
    'warning',
    'Shared state changed without a lock',
    'suggestion',
    unlockedSharedWrite,
  ),
  rule(
    'target-called',
    402,
    'error',
    'Work called instead of handed over',
    'automatic',
    targetCalled,
  ),
  rule(
    'thread-target-positional',
    403,
    'error',
    'Target given as group',
    'automatic',
    threadTargetPositional,
  ),
  rule('daemon-with-work', 404, 'info', 'Daemon thread that writes', 'suggestion', daemonWithWork),
  rule(
    'join-without-timeout',
    405,
    'hint',
    'Thread never joined',
    'suggestion',
    joinWithoutTimeout,
  ),
  rule('cpu-bound-threads', 406, 'info', 'Computing in threads', 'suggestion', cpuBoundThreads),
  rule(
    'late-bound-loop-variable',
    407,
    'warning',
    'Loop variable read later',
    'automatic',
    lateBoundLoopVariable,
  ),
  rule(
    'wall-clock-duration',
    408,
    'info',
    'Duration by the wall clock',
    'automatic',
    wallClockDuration,
  ),
  rule(
    'run-instead-of-start',
    409,
    'error',
    'run called instead of start',
    'automatic',
    runInsteadOfStart,
  ),
  rule(
    'deprecated-threading-name',
    410,
    'info',
    'Deprecated name of threading',
    'automatic',
    deprecatedThreadingName,
  ),
  rule(
    'unpicklable-work',
    501,
    'error',
    "Work that can't be pickled",
    'suggestion',
    unpicklableWork,
  ),
  rule(
    'missing-main-guard',
    502,
    'error',
    'Processes started at import',
    'automatic',
    missingMainGuard,
  ),
  rule(
    'global-across-processes',
    503,
    'warning',
    'Global expected to cross processes',
    'none',
    globalAcrossProcesses,
  ),
  rule('fork-with-threads', 504, 'warning', 'Fork with threads', 'suggestion', forkWithThreads),
  rule(
    'future-never-read',
    505,
    'warning',
    'Result never asked for',
    'suggestion',
    futureNeverRead,
  ),
  rule('pool-without-with', 506, 'warning', 'Pool never shut down', 'automatic', poolWithoutWith),
  rule('pool-starvation', 507, 'warning', 'Work waits for its own pool', 'none', poolStarvation),
  rule(
    'manager-misuse',
    508,
    'warning',
    "Change lost in a manager's copy",
    'suggestion',
    managerMisuse,
  ),
  rule(
    'unlocked-shared-value',
    509,
    'warning',
    'Shared value changed without its lock',
    'automatic',
    unlockedSharedValue,
  ),
  rule(
    'mutable-contextvar-default',
    513,
    'info',
    'Mutable default of a ContextVar',
    'none',
    mutableContextvarDefault,
  ),
  rule('unbounded-queue', 601, 'hint', 'Queue without a limit', 'suggestion', unboundedQueue),
  rule('missing-task-done', 602, 'error', 'join without task_done', 'automatic', missingTaskDone),
  rule(
    'missing-sentinel',
    603,
    'warning',
    'Worker loop without an end',
    'suggestion',
    missingSentinel,
  ),
];
