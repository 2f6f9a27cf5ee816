/** The first page of a ring: who wrote it and how far it is, checked before anybody believes it. */
import { readSync } from 'node:fs';
import { RECORD_BYTES, RECORDING_VERSION, RING_HEADER, RING_MAGIC } from '../wire/recording.ts';
import { RecordingError } from './recordingError.ts';

export interface RingHeader {
  readonly pid: number;
  readonly startedAt: number;
  /** Records in a lap; 0 while the ring grows. */
  readonly capacity: number;
  /** Records claimed so far: a hint. */
  readonly head: number;
  readonly closedAt: number;
  readonly overheadNs: number;
  readonly dropped: number;
}

const USED_BYTES = 72;
/** Nobody writes so many. Up to here a byte's place is an exact number; beyond, one more may be the same number, and a count would not end. */
const MOST_RECORDS = 2 ** 47;
const page = new Uint8Array(USED_BYTES);
const view = new DataView(page.buffer);

/**
 * Undefined when the page is not written yet; 'corrupt' when it is no ring's.
 * @throws RecordingError when the ring is of a newer version than we read.
 */
export function readRingHeader(fd: number): RingHeader | 'corrupt' | undefined {
  if (readSync(fd, page, 0, USED_BYTES, 0) < USED_BYTES) return undefined;
  const magic = String.fromCharCode(...page.subarray(0, RING_MAGIC.length));
  if (magic !== RING_MAGIC) return page.every((byte) => byte === 0) ? undefined : 'corrupt';
  refuseNewer(view.getUint32(RING_HEADER.version, true));
  if (view.getUint32(RING_HEADER.recordBytes, true) !== RECORD_BYTES) return 'corrupt';
  const number = (offset: number): number => Number(view.getBigUint64(offset, true));
  const capacity = number(RING_HEADER.capacity);
  if (capacity > MOST_RECORDS) return 'corrupt';
  return {
    pid: number(RING_HEADER.pid),
    startedAt: number(RING_HEADER.startedAt),
    capacity,
    head: Math.min(number(RING_HEADER.head), MOST_RECORDS),
    closedAt: number(RING_HEADER.closedAt),
    overheadNs: number(RING_HEADER.overhead),
    dropped: number(RING_HEADER.dropped),
  };
}

/** @throws RecordingError that names both versions. */
export function refuseNewer(version: number): void {
  if (version <= RECORDING_VERSION) return;
  throw new RecordingError(
    `The recording is of version ${version}; this Interleave reads up to version ${RECORDING_VERSION}.`,
    'Open it with the Interleave that made it, or a newer one.',
  );
}
