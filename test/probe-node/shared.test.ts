/** What the threads of one Node share. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const { Shared, CONTROL_BYTES, RING_AT, SHARED_BYTES, SLOTS, SLOT_BYTES } = createRequire(
  import.meta.url,
)('../../probe/node/shared.cjs');

test('threads for which no slot is left write neither into the counters nor into records', () => {
  const shared = new Shared(new SharedArrayBuffer(SHARED_BYTES));
  const slots = Array.from({ length: SLOTS + 3 }, () => shared.takeSlot() * 4);
  assert.equal(new Set(slots).size, SLOTS + 1);
  for (const at of slots) assert.ok(at >= CONTROL_BYTES && at + SLOT_BYTES <= RING_AT, `${at}`);
});
