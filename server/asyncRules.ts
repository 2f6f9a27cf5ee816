// The Python lints of tasks, coroutines and the event loop: stable name and number, how severe each is, what it is called, how it is mended.
import { ASYNC, CANCELLED, CLIENTS, COROUTINES, LOOPS, MIXED_UP } from './needs.ts';
import { type Rule, rule } from './ruleEntry.ts';
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
import { coroutineNotAwaited } from './rules/coroutineNotAwaited.ts';
import { cpuBoundInAsync } from './rules/cpuBoundInAsync.ts';
import { deprecatedLoopAccess } from './rules/deprecatedLoopAccess.ts';
import { gatherLosesFailures } from './rules/gatherLosesFailures.ts';
import { idleTimeoutScope } from './rules/idleTimeoutScope.ts';
import { jumpOutOfTaskgroup } from './rules/jumpOutOfTaskgroup.ts';
import { lockAcrossAwait } from './rules/lockAcrossAwait.ts';
import { needlessAsync } from './rules/needlessAsync.ts';
import { noOverlap } from './rules/noOverlap.ts';
import { runInRunningLoop } from './rules/runInRunningLoop.ts';
import { singleTaskGroup } from './rules/singleTaskGroup.ts';
import { taskDropped } from './rules/taskDropped.ts';
import { timeoutParameter } from './rules/timeoutParameter.ts';
import { unsafeLoopCall } from './rules/unsafeLoopCall.ts';
import { yieldInScope } from './rules/yieldInScope.ts';

export const ASYNC_RULES: readonly Rule[] = [
  rule(
    'blocking-sleep',
    101,
    'warning',
    'time.sleep stops the event loop',
    'automatic',
    blockingSleep,
    ASYNC,
  ),
  rule(
    'blocking-http',
    102,
    'warning',
    'Synchronous HTTP request in an async function',
    'suggestion',
    blockingHttp,
    ASYNC,
  ),
  rule(
    'blocking-subprocess',
    103,
    'warning',
    'Child process waited for synchronously in an async function',
    'suggestion',
    blockingSubprocess,
    ASYNC,
  ),
  rule(
    'blocking-file-io',
    104,
    'info',
    'File I/O in an async function',
    'suggestion',
    blockingFileIo,
    ASYNC,
  ),
  rule(
    'blocking-input',
    105,
    'warning',
    'input() in an async function',
    'automatic',
    blockingInput,
    ASYNC,
  ),
  rule(
    'blocking-wait',
    106,
    'warning',
    'Synchronous wait in an async function',
    'suggestion',
    blockingWait,
    ASYNC,
  ),
  rule(
    'blocking-helper',
    107,
    'warning',
    'A helper blocks the event loop',
    'suggestion',
    blockingHelper,
    ASYNC,
  ),
  rule(
    'cpu-bound-in-async',
    108,
    'hint',
    'Heavy computing in an async function',
    'suggestion',
    cpuBoundInAsync,
    ASYNC,
  ),
  rule(
    'coroutine-not-awaited',
    201,
    'error',
    'Coroutine called and not awaited',
    'automatic',
    coroutineNotAwaited,
    COROUTINES,
  ),
  rule('task-dropped', 202, 'warning', 'Task not kept', 'automatic', taskDropped, LOOPS),
  rule(
    'gather-loses-failures',
    203,
    'info',
    'Failures lost by gather',
    'suggestion',
    gatherLosesFailures,
    LOOPS,
  ),
  rule(
    'cancellation-swallowed',
    204,
    'warning',
    'Cancellation swallowed',
    'automatic',
    cancellationSwallowed,
    CANCELLED,
  ),
  rule(
    'deprecated-loop-access',
    205,
    'warning',
    'Deprecated access to the event loop',
    'automatic',
    deprecatedLoopAccess,
    LOOPS,
  ),
  rule(
    'run-in-running-loop',
    206,
    'error',
    'A loop run inside a running loop',
    'automatic',
    runInRunningLoop,
    ASYNC,
  ),
  rule(
    'async-sync-mismatch',
    207,
    'error',
    'Async and sync mixed up',
    'automatic',
    asyncSyncMismatch,
    MIXED_UP,
  ),
  rule(
    'lock-across-await',
    208,
    'warning',
    'Thread lock held across an await',
    'suggestion',
    lockAcrossAwait,
    ASYNC,
  ),
  rule(
    'unsafe-loop-call',
    209,
    'warning',
    'Event loop touched from a thread',
    'suggestion',
    unsafeLoopCall,
    LOOPS,
  ),
  rule('async-busy-wait', 210, 'hint', 'Polling with sleep', 'none', asyncBusyWait, ASYNC),
  rule(
    'needless-async',
    211,
    'hint',
    'Async function that never awaits',
    'suggestion',
    needlessAsync,
    ASYNC,
  ),
  rule(
    'jump-out-of-taskgroup',
    212,
    'info',
    'Jump out of a task group',
    'none',
    jumpOutOfTaskgroup,
    LOOPS,
  ),
  rule(
    'yield-in-scope',
    213,
    'info',
    'Yield inside a context manager',
    'none',
    yieldInScope,
    LOOPS,
  ),
  rule(
    'idle-timeout-scope',
    214,
    'warning',
    'Timeout scope without an await',
    'none',
    idleTimeoutScope,
    LOOPS,
  ),
  rule(
    'single-task-group',
    215,
    'hint',
    'Task group with one task',
    'none',
    singleTaskGroup,
    LOOPS,
  ),
  rule('timeout-parameter', 216, 'hint', 'Timeout as a parameter', 'none', timeoutParameter, ASYNC),
  rule(
    'no-overlap',
    217,
    'hint',
    'Independent awaits one after another',
    'suggestion',
    noOverlap,
    ASYNC,
  ),
  rule(
    'client-per-item',
    218,
    'warning',
    'Client, pool or loop made for every item',
    'suggestion',
    clientPerItem,
    CLIENTS,
  ),
];
