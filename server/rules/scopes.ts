// Which `with` items open a task group or a cancel scope; shared by the rules about them.
import type { With, WithItem } from '../python/ast.ts';
import type { Resolver } from '../python/resolve.ts';

const GROUPS = new Set([
  'asyncio.TaskGroup',
  'trio.open_nursery',
  'anyio.create_task_group',
  'asyncio.taskgroups.TaskGroup',
]);
const GROUP_TYPES = /^(?:asyncio\.TaskGroup|trio\.Nursery|anyio\.TaskGroup)$/;
const SCOPES = new Set([
  'asyncio.timeout',
  'asyncio.timeout_at',
  'async_timeout.timeout',
  'trio.fail_after',
  'trio.fail_at',
  'trio.move_on_after',
  'trio.move_on_at',
  'trio.CancelScope',
  'anyio.fail_after',
  'anyio.move_on_after',
  'anyio.CancelScope',
  'anyio.open_cancel_scope',
]);

function made(item: WithItem, resolver: Resolver): string {
  return item.value.kind === 'Call' ? (resolver.callee(item.value) ?? '') : '';
}

export function isTaskGroup(item: WithItem, resolver: Resolver): boolean {
  const value = resolver.value(item.value);
  return (
    GROUPS.has(made(item, resolver)) || (value?.kind === 'instance' && GROUP_TYPES.test(value.type))
  );
}

export function isCancelScope(item: WithItem, resolver: Resolver): boolean {
  return SCOPES.has(made(item, resolver));
}

export function taskGroupOf(node: With, resolver: Resolver): WithItem | undefined {
  return node.items.find((item) => isTaskGroup(item, resolver));
}
