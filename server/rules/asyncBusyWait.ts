// async-busy-wait: a loop that does nothing but sleep until something changes.
import type { Check } from '../rule.ts';

const SLEEPS = new Set(['asyncio.sleep', 'trio.sleep', 'trio.sleep_until', 'trio.lowlevel.checkpoint', 'anyio.sleep', 'anyio.sleep_until', 'anyio.lowlevel.checkpoint']);

export const asyncBusyWait: Check = ({ model, resolver, report }) => {
  for (const loop of model.loops) {
    if (loop.kind !== 'While' || loop.body.length !== 1) continue;
    const [only] = loop.body;
    if (only?.kind !== 'ExprStmt' || only.value.kind !== 'Await' || only.value.value.kind !== 'Call') continue;
    if (!SLEEPS.has(resolver.callee(only.value.value) ?? '')) continue;
    report({ start: loop.start, end: loop.test.end }, 'This polls; an Event wakes the task the moment the condition holds.');
  }
};
