/** Reads one ring by position, live or finished: whole records in order, and a count of what is not there. */
import { fstatSync, readSync } from 'node:fs';
import type { Batch } from '../wire/batch.ts';
import { RECORD, RECORD_BYTES, RING_HEADER_BYTES } from '../wire/recording.ts';
import { type RingHeader, readRingHeader } from './ringHeader.ts';

/** `seq` counts modulo this, from 1. */
const SEQ_CYCLE = 2 ** 32 - 1;
/** A slot that stays unwritten this long while later ones are written will never be: its thread died. */
const TORN_AFTER_MS = 100;
const SMALLEST_READ = 256;
/** Records of one read: 1 MiB, so that memory stays bounded whatever the ring's size. */
const LARGEST_READ = 32_768;

type Slot = 'whole' | 'missing' | 'corrupt' | 'overtaken';

export class RingReader {
  readonly #stream: string;
  readonly #fd: number;
  #header: RingHeader | undefined;
  #corrupt = false;
  #position = 0;
  #readSize = SMALLEST_READ;
  #gap = { position: -1, since: 0 };
  /** Records passed over since the last read, not yet told. */
  #skipped = 0;
  /** Slots looked at since the stream is final: a finished ring has an end, also a hostile one. */
  #finalSlots = 0;

  constructor(stream: string, fd: number) {
    this.#stream = stream;
    this.#fd = fd;
  }

  get header(): RingHeader | undefined {
    return this.#header;
  }

  /** Position of the record that comes next. */
  get position(): number {
    return this.#position;
  }

  /**
   * The next records and losses, at most 1 MiB; empty when there is nothing to read now.
   * @param nowMs any clock of milliseconds that only grows
   * @param final nobody writes any more: what is not whole now never will be
   */
  read(nowMs: number, final: boolean): Batch[] {
    if (this.#corrupt) return [];
    const header = readRingHeader(this.#fd);
    if (header === undefined) return [];
    const slots = Math.floor(
      Math.max(0, fstatSync(this.#fd).size - RING_HEADER_BYTES) / RECORD_BYTES,
    );
    if (header === 'corrupt') {
      // Its writer may be in the middle of it.
      if (!final) return [];
      this.#corrupt = true;
      return [this.#loss(Math.max(1, slots - this.#position), 'corrupt')];
    }
    this.#header = header;
    const { capacity } = header;
    this.#skipAhead(header);
    const first = capacity === 0 ? this.#position : this.#position % capacity;
    const wanted = final ? LARGEST_READ : this.#readSize;
    // A ring cut short has fewer slots than it says.
    const count = Math.min(wanted, (capacity === 0 ? slots : capacity) - first, slots - first);
    if (final) {
      // Only crafted or damaged bytes send a reader of a still file around for more than two laps.
      if (this.#finalSlots > 3 * slots + LARGEST_READ) {
        this.#corrupt = true;
        return [this.#loss(1, 'corrupt')];
      }
      this.#finalSlots += Math.max(1, count);
    }
    if (count <= 0) return final ? this.#beyondTheCut(header, first) : [];
    const bytes = new Uint8Array(count * RECORD_BYTES);
    const got = readSync(
      this.#fd,
      bytes,
      0,
      bytes.length,
      RING_HEADER_BYTES + first * RECORD_BYTES,
    );
    const whole = Math.floor(got / RECORD_BYTES);
    const before = this.#position;
    const batches = this.#scan(bytes, whole, capacity, nowMs, final);
    const taken = this.#position - before;
    if (taken >= count) this.#readSize = Math.min(LARGEST_READ, this.#readSize * 2);
    else if (taken * 4 < count)
      this.#readSize = Math.max(SMALLEST_READ, Math.floor(this.#readSize / 2));
    return batches;
  }

  /** `capacity` is 0 while the ring grows. */
  #scan(
    bytes: Uint8Array,
    count: number,
    capacity: number,
    nowMs: number,
    final: boolean,
  ): Batch[] {
    const view = new DataView(bytes.buffer);
    const batches: Batch[] = [];
    if (this.#skipped > 0) batches.push(this.#loss(this.#skipped, 'overwritten'));
    this.#skipped = 0;
    const start = this.#position;
    const slot = (index: number): Slot => slotState(view, index, start + index, capacity);
    let index = 0;
    let runStart = 0;
    const flush = (): void => {
      if (index > runStart) {
        const run = bytes.subarray(runStart * RECORD_BYTES, index * RECORD_BYTES);
        batches.push({ type: 'records', stream: this.#stream, bytes: run });
      }
      this.#position = start + index;
    };
    while (index < count) {
      const state = slot(index);
      if (state === 'whole') {
        index++;
        continue;
      }
      flush();
      if (state === 'overtaken') {
        const newest = start + index + ahead(view, index, start + index);
        const oldest = newest - capacity + 1;
        let next = index + (oldest - this.#position);
        // What was written in the same lap as this one is overtaken, too, up to where that lap has come.
        while (next < count && slot(next) === 'overtaken') next++;
        batches.push(this.#loss(next - index, 'overwritten'));
        this.#position = start + next;
        if (next >= count) return batches;
        index = next;
        runStart = next;
        continue;
      }
      const next = this.#afterGap(slot, index, count, capacity, final);
      if (next === index || !(final || this.#stayed(nowMs))) return batches;
      batches.push(this.#loss(next - index, state === 'corrupt' ? 'corrupt' : 'torn'));
      index = next;
      runStart = next;
    }
    flush();
    return batches;
  }

  /** Index after a gap that begins at `index`; `index` itself when this may simply be the end of what is written. */
  #afterGap(
    slot: (index: number) => Slot,
    index: number,
    count: number,
    capacity: number,
    final: boolean,
  ): number {
    let next = index + 1;
    while (next < count) {
      const state = slot(next);
      if (state === 'whole' || state === 'overtaken') return next;
      next++;
    }
    const end = this.#position + (count - index);
    if ((this.#header?.head ?? 0) > end) return count;
    // A gap at the very end of a lap: the next lap may have begun.
    const goesOn = final && capacity > 0 && end % capacity === 0 && this.#isLapBegun(end, capacity);
    return goesOn ? count : index;
  }

  /** Whether anything near the beginning of the lap that starts at this position is written. */
  #isLapBegun(start: number, capacity: number): boolean {
    const bytes = new Uint8Array(Math.min(capacity, LARGEST_READ) * RECORD_BYTES);
    const got = readSync(this.#fd, bytes, 0, bytes.length, RING_HEADER_BYTES);
    const view = new DataView(bytes.buffer);
    for (let index = 0; (index + 1) * RECORD_BYTES <= got; index++) {
      if (slotState(view, index, start + index, capacity) === 'whole') return true;
    }
    return false;
  }

  #stateAt(position: number, capacity: number): Slot {
    const bytes = new Uint8Array(RECORD_BYTES);
    const offset = RING_HEADER_BYTES + (position % capacity) * RECORD_BYTES;
    if (readSync(this.#fd, bytes, 0, RECORD_BYTES, offset) < RECORD_BYTES) return 'missing';
    return slotState(new DataView(bytes.buffer), 0, position, capacity);
  }

  #stayed(nowMs: number): boolean {
    if (this.#gap.position !== this.#position)
      this.#gap = { position: this.#position, since: nowMs };
    return nowMs - this.#gap.since >= TORN_AFTER_MS;
  }

  /** The file ends before the ring does: what the header says was there is lost. */
  #beyondTheCut(header: RingHeader, first: number): Batch[] {
    const lapEnd = header.capacity === 0 ? header.head : this.#position - first + header.capacity;
    const missing = Math.min(header.head, lapEnd) - this.#position;
    if (missing <= 0) return [];
    this.#position += missing;
    return [this.#loss(missing, 'corrupt')];
  }

  /**
   * `seq` tells later from earlier only within half its cycle. Where the header says that we are further behind, it is
   * believed, if the ring agrees.
   */
  #skipAhead({ capacity, head }: RingHeader): void {
    const oldest = head - capacity;
    if (capacity === 0 || oldest - this.#position < SEQ_CYCLE / 4) return;
    for (let position = oldest; position < oldest + Math.min(16, capacity); position++) {
      const state = this.#stateAt(position, capacity);
      if (state !== 'whole' && state !== 'overtaken') continue;
      this.#skipped += oldest - this.#position;
      this.#position = oldest;
      return;
    }
  }

  #loss(count: number, reason: 'overwritten' | 'torn' | 'corrupt'): Batch {
    return { type: 'loss', stream: this.#stream, count, reason };
  }
}

/** How far the record in a slot is ahead of the position looked for there. */
function ahead(view: DataView, index: number, position: number): number {
  const seq = view.getUint32(index * RECORD_BYTES + RECORD.seq, true);
  const expected = position % SEQ_CYCLE;
  return (seq - 1 - expected + SEQ_CYCLE) % SEQ_CYCLE;
}

function slotState(view: DataView, index: number, position: number, capacity: number): Slot {
  const seq = view.getUint32(index * RECORD_BYTES + RECORD.seq, true);
  if (seq === 0) return 'missing';
  const distance = ahead(view, index, position);
  const lap = view.getUint8(index * RECORD_BYTES + RECORD.lap);
  const expectedLap = capacity === 0 ? 0 : Math.floor(position / capacity);
  if (distance === 0) return lap === expectedLap % 256 ? 'whole' : 'corrupt';
  if (capacity === 0) return 'corrupt';
  if (distance > SEQ_CYCLE / 2)
    return (SEQ_CYCLE - distance) % capacity === 0 ? 'missing' : 'corrupt';
  if (distance % capacity !== 0) return 'corrupt';
  return (expectedLap + distance / capacity) % 256 === lap ? 'overtaken' : 'corrupt';
}
