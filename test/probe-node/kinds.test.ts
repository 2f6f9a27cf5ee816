/** The probe's copy of the recording's numbers is the recording's. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as wire from '../../wire/recording.ts';

const kinds = createRequire(import.meta.url)('../../probe/node/kinds.cjs') as Record<
  string,
  unknown
>;

test('every number that the Node probe writes is the same as in wire', () => {
  assert.equal(kinds.VERSION, wire.RECORDING_VERSION);
  assert.equal(kinds.MAGIC, wire.RING_MAGIC);
  assert.equal(kinds.HEADER_BYTES, wire.RING_HEADER_BYTES);
  assert.equal(kinds.RECORD_BYTES, wire.RECORD_BYTES);
  assert.equal(kinds.WAIT_TIMEOUT, wire.WAIT_TIMEOUT);
  const tables = {
    HEADER: wire.RING_HEADER,
    KIND: wire.KIND,
    WAIT: wire.WAIT,
    WAIT_RESULT: wire.WAIT_RESULT,
    SAMPLE: wire.SAMPLE,
    START: wire.START,
    REASON: wire.REASON,
  };
  for (const [name, table] of Object.entries(tables)) {
    for (const [key, value] of Object.entries(kinds[name] as Record<string, number>))
      assert.equal(value, (table as Record<string, number>)[key], `${name}.${key}`);
  }
});
