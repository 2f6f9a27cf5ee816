// The Python lints of locks, threads, processes, pools and queues: stable name and number, how severe each is, what it is called, how it is mended.
import { CLOCKS, CLOSURES, CONTEXT_VARIABLES, FORKS, LAUNCHES, LOCKS, QUEUES } from './needs.ts';
import { type Rule, rule } from './ruleEntry.ts';
import { acquireWithoutWith } from './rules/acquireWithoutWith.ts';
import { conditionNotHeld } from './rules/conditionNotHeld.ts';
import { cpuBoundThreads } from './rules/cpuBoundThreads.ts';
import { daemonWithWork } from './rules/daemonWithWork.ts';
import { deprecatedThreadingName } from './rules/deprecatedThreadingName.ts';
import { forkWithThreads } from './rules/forkWithThreads.ts';
import { futureNeverRead } from './rules/futureNeverRead.ts';
import { globalAcrossProcesses } from './rules/globalAcrossProcesses.ts';
import { joinWithoutTimeout } from './rules/joinWithoutTimeout.ts';
import { lateBoundLoopVariable } from './rules/lateBoundLoopVariable.ts';
import { lockNotShared } from './rules/lockNotShared.ts';
import { lockOrderInversion } from './rules/lockOrderInversion.ts';
import { longHold } from './rules/longHold.ts';
import { managerMisuse } from './rules/managerMisuse.ts';
import { missingMainGuard } from './rules/missingMainGuard.ts';
import { missingSentinel } from './rules/missingSentinel.ts';
import { missingTaskDone } from './rules/missingTaskDone.ts';
import { mutableContextvarDefault } from './rules/mutableContextvarDefault.ts';
import { nestedAcquireWithoutTimeout } from './rules/nestedAcquireWithoutTimeout.ts';
import { poolStarvation } from './rules/poolStarvation.ts';
import { poolWithoutWith } from './rules/poolWithoutWith.ts';
import { runInsteadOfStart } from './rules/runInsteadOfStart.ts';
import { selfDeadlock } from './rules/selfDeadlock.ts';
import { targetCalled } from './rules/targetCalled.ts';
import { threadTargetPositional } from './rules/threadTargetPositional.ts';
import { unboundedQueue } from './rules/unboundedQueue.ts';
import { unlockedSharedValue } from './rules/unlockedSharedValue.ts';
import { unlockedSharedWrite } from './rules/unlockedSharedWrite.ts';
import { unpairedRelease } from './rules/unpairedRelease.ts';
import { unpicklableWork } from './rules/unpicklableWork.ts';
import { waitNotInLoop } from './rules/waitNotInLoop.ts';
import { wallClockDuration } from './rules/wallClockDuration.ts';

export const THREAD_RULES: readonly Rule[] = [
  rule(
    'acquire-without-with',
    301,
    'warning',
    'Lock acquired without with',
    'automatic',
    acquireWithoutWith,
    LOCKS,
  ),
  rule(
    'nested-acquire-without-timeout',
    302,
    'hint',
    'Second lock waited for without limit',
    'suggestion',
    nestedAcquireWithoutTimeout,
    LOCKS,
  ),
  rule(
    'lock-order-inversion',
    303,
    'error',
    'Locks taken in both orders',
    'suggestion',
    lockOrderInversion,
    LOCKS,
  ),
  rule(
    'self-deadlock',
    304,
    'error',
    'Lock taken again while held',
    'suggestion',
    selfDeadlock,
    LOCKS,
  ),
  rule(
    'wait-not-in-loop',
    305,
    'warning',
    'Condition.wait outside a loop',
    'automatic',
    waitNotInLoop,
    LOCKS,
  ),
  rule(
    'condition-not-held',
    306,
    'error',
    'Condition used without holding it',
    'automatic',
    conditionNotHeld,
    LOCKS,
  ),
  rule(
    'unpaired-release',
    307,
    'info',
    'Release without acquire',
    'automatic',
    unpairedRelease,
    LOCKS,
  ),
  rule(
    'lock-not-shared',
    308,
    'error',
    'Lock that nobody shares',
    'suggestion',
    lockNotShared,
    LOCKS,
  ),
  rule('long-hold', 309, 'info', 'Waiting while a lock is held', 'suggestion', longHold, LOCKS),
  rule(
    'unlocked-shared-write',
    401,
    'warning',
    'Shared state changed without a lock',
    'suggestion',
    unlockedSharedWrite,
    LAUNCHES,
  ),
  rule(
    'target-called',
    402,
    'error',
    'Work called instead of handed over',
    'automatic',
    targetCalled,
    LAUNCHES,
  ),
  rule(
    'thread-target-positional',
    403,
    'error',
    'Target given as group',
    'automatic',
    threadTargetPositional,
    LAUNCHES,
  ),
  rule(
    'daemon-with-work',
    404,
    'info',
    'Daemon thread that writes',
    'suggestion',
    daemonWithWork,
    LAUNCHES,
  ),
  rule(
    'join-without-timeout',
    405,
    'hint',
    'Thread never joined',
    'suggestion',
    joinWithoutTimeout,
    LAUNCHES,
  ),
  rule(
    'cpu-bound-threads',
    406,
    'info',
    'Computing in threads',
    'suggestion',
    cpuBoundThreads,
    LAUNCHES,
  ),
  rule(
    'late-bound-loop-variable',
    407,
    'warning',
    'Loop variable read later',
    'automatic',
    lateBoundLoopVariable,
    CLOSURES,
  ),
  rule(
    'wall-clock-duration',
    408,
    'info',
    'Duration by the wall clock',
    'automatic',
    wallClockDuration,
    CLOCKS,
  ),
  rule(
    'run-instead-of-start',
    409,
    'error',
    'run called instead of start',
    'automatic',
    runInsteadOfStart,
    LAUNCHES,
  ),
  rule(
    'deprecated-threading-name',
    410,
    'info',
    'Deprecated name of threading',
    'automatic',
    deprecatedThreadingName,
    LAUNCHES,
  ),
  rule(
    'unpicklable-work',
    501,
    'error',
    "Work that can't be pickled",
    'suggestion',
    unpicklableWork,
    LAUNCHES,
  ),
  rule(
    'missing-main-guard',
    502,
    'error',
    'Processes started at import',
    'automatic',
    missingMainGuard,
    LAUNCHES,
  ),
  rule(
    'global-across-processes',
    503,
    'warning',
    'Global expected to cross processes',
    'suggestion',
    globalAcrossProcesses,
    LAUNCHES,
  ),
  rule(
    'fork-with-threads',
    504,
    'warning',
    'Fork with threads',
    'suggestion',
    forkWithThreads,
    FORKS,
  ),
  rule(
    'future-never-read',
    505,
    'warning',
    'Result never asked for',
    'suggestion',
    futureNeverRead,
    LAUNCHES,
  ),
  rule(
    'pool-without-with',
    506,
    'warning',
    'Pool never shut down',
    'automatic',
    poolWithoutWith,
    LAUNCHES,
  ),
  rule(
    'pool-starvation',
    507,
    'warning',
    'Work waits for its own pool',
    'none',
    poolStarvation,
    LAUNCHES,
  ),
  rule(
    'manager-misuse',
    508,
    'warning',
    "Change lost in a manager's copy",
    'suggestion',
    managerMisuse,
    LAUNCHES,
  ),
  rule(
    'unlocked-shared-value',
    509,
    'warning',
    'Shared value changed without its lock',
    'automatic',
    unlockedSharedValue,
    LAUNCHES,
  ),
  rule(
    'mutable-contextvar-default',
    513,
    'info',
    'Mutable default of a ContextVar',
    'none',
    mutableContextvarDefault,
    CONTEXT_VARIABLES,
  ),
  rule(
    'unbounded-queue',
    601,
    'hint',
    'Queue without a limit',
    'suggestion',
    unboundedQueue,
    QUEUES,
  ),
  rule(
    'missing-task-done',
    602,
    'error',
    'join without task_done',
    'automatic',
    missingTaskDone,
    QUEUES,
  ),
  rule(
    'missing-sentinel',
    603,
    'warning',
    'Worker loop without an end',
    'suggestion',
    missingSentinel,
    QUEUES,
  ),
];
