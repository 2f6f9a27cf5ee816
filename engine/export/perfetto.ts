/**
 * A timeline in Perfetto's own format: a track for every lane, in the panel's order. Field numbers are those of
 * protos/perfetto/trace (trace_packet.proto, track_event.proto, track_descriptor.proto).
 */
import { PbfWriter } from 'pbf';
import type { Spans } from '../../base/spans.ts';
import {
  type Lane,
  type LaneId,
  type Series,
  type SeriesInfo,
  SLICE_STATES,
} from '../../wire/panel.ts';
import { STATE_WORDS, type Timeline } from './timeline.ts';

/** Bytes after which a part is handed over. */
const PART = 1 << 20;
/** Any number: all packets come from one writer. */
const SEQUENCE = 1;
/** Before the first packet that names something by number, and at each that does. */
const STATE_CLEARED = 1;
const NEEDS_STATE = 2;

const TRACE = { packet: 1 } as const;
const PACKET = {
  timestamp: 8,
  sequence: 10,
  trackEvent: 11,
  internedData: 12,
  sequenceFlags: 13,
  trackDescriptor: 60,
} as const;
const TRACK = {
  uuid: 1,
  name: 2,
  process: 3,
  parent: 5,
  counter: 8,
  childOrdering: 11,
  rank: 12,
} as const;
const PROCESS = { pid: 1, name: 6 } as const;
const COUNTER = { unit: 3, unitName: 6 } as const;
const COUNTER_UNIT = { ns: 1, count: 2 } as const;
const EXPLICIT_ORDER = 3;
const EVENT = {
  annotation: 4,
  type: 9,
  nameId: 10,
  track: 11,
  categoryId: 3,
  name: 23,
  double: 44,
  flow: 47,
  endOfFlow: 48,
} as const;
const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;
const INTERNED = { categories: 1, names: 2, id: 1, text: 2 } as const;
const ANNOTATION = { name: 10, text: 6 } as const;

interface Track {
  readonly uuid: number;
  readonly name: string;
  readonly parent: number;
  readonly rank: number;
  readonly pid?: number;
  readonly unit?: SeriesInfo;
}

interface Event {
  readonly type: number;
  readonly track: number;
  readonly nameId?: number;
  readonly categoryId?: number;
  readonly name?: string;
  readonly value?: number;
  readonly flow?: number;
  readonly endOfFlow?: number;
  readonly notes?: Readonly<Record<string, string>>;
}

/** In parts of about a megabyte, in an order that a reader may take as it comes. */
export function* perfettoTrace(timeline: Timeline): Generator<Uint8Array> {
  const writer = new Writer(timeline);
  yield* writer.names();
  yield* writer.lanes();
  yield* writer.findings();
  yield* writer.wakes();
  yield writer.rest();
}

class Writer {
  readonly #timeline: Timeline;
  #out = new PbfWriter();
  /** Lanes have numbers below 2^31; what has none gets one above. */
  #nextUuid = 2 ** 31;
  readonly #processes = new Map<number, LaneId>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    for (const lane of timeline.lanes)
      if (lane.kind === 'process' && !this.#processes.has(lane.pid))
        this.#processes.set(lane.pid, lane.id);
  }

  rest(): Uint8Array {
    const part = this.#out.finish();
    this.#out = new PbfWriter();
    return part;
  }

  *#full(): Generator<Uint8Array> {
    if (this.#out.pos >= PART) yield this.rest();
  }

  /** The texts that slices name by number: states, then labels, from 1. */
  *names(): Generator<Uint8Array> {
    this.#packet((packet) => {
      packet.writeVarintField(PACKET.sequenceFlags, STATE_CLEARED | NEEDS_STATE);
      packet.writeMessage(
        PACKET.internedData,
        (_, data) => {
          for (const [code, state] of SLICE_STATES.entries())
            data.writeMessage(INTERNED.categories, interned, { id: code + 1, text: state });
          for (const [code, state] of SLICE_STATES.entries())
            data.writeMessage(INTERNED.names, interned, { id: code + 1, text: STATE_WORDS[state] });
        },
        undefined,
      );
    });
    const first = SLICE_STATES.length + 1;
    for (const [index, text] of this.#timeline.labels.entries()) {
      if (index === 0) continue;
      this.#packet((packet) => {
        packet.writeVarintField(PACKET.sequenceFlags, NEEDS_STATE);
        packet.writeMessage(
          PACKET.internedData,
          (_, data) => data.writeMessage(INTERNED.names, interned, { id: first + index, text }),
          undefined,
        );
      });
      yield* this.#full();
    }
  }

  *lanes(): Generator<Uint8Array> {
    for (const [rank, lane] of this.#timeline.lanes.entries()) {
      const series = this.#timeline.seriesOf(lane);
      // Counters stand for the lane themselves.
      if (series === undefined) this.#track(trackOf(lane, this.#parentOf(lane), rank));
      else yield* this.#counters(lane, series, rank);
      const spans = this.#timeline.spansOf(lane);
      if (spans !== undefined) yield* this.#slices(lane, spans);
    }
  }

  *findings(): Generator<Uint8Array> {
    const { findings, losses, durationNs } = this.#timeline;
    if (findings.length > 0) {
      const all = this.#newTrack('Findings', 0, -2);
      for (const [rank, finding] of findings.entries()) {
        const track = this.#newTrack(finding.rule, all, rank);
        const line = finding.locations[0];
        const notes = {
          severity: finding.severity,
          detail: finding.detail,
          ...(line === undefined ? {} : { line: `${line.file}:${line.line}` }),
        };
        const spans = finding.spans.length > 0 ? finding.spans : [{ from: 0, to: durationNs }];
        let end = 0;
        for (const { from, to } of spans) {
          const begin = Math.max(from, end);
          end = Math.max(begin, to);
          this.#event(begin, { type: TYPE.begin, track, name: finding.title, notes });
          this.#event(end, { type: TYPE.end, track });
        }
        yield* this.#full();
      }
    }
    if (losses.length === 0) return;
    const track = this.#newTrack('Lost', 0, -1);
    for (const { from, text } of losses)
      this.#event(from, { type: TYPE.instant, track, name: text });
  }

  /** An arrow from who ended a wait to who waited. */
  *wakes(): Generator<Uint8Array> {
    let flow = 0;
    for (const { from, to, at } of this.#timeline.wakes()) {
      flow++;
      this.#event(at, { type: TYPE.instant, track: from, name: 'wakes', flow });
      this.#event(at, { type: TYPE.instant, track: to, name: 'woken', endOfFlow: flow });
      yield* this.#full();
    }
  }

  *#slices(lane: Lane, spans: Spans): Generator<Uint8Array> {
    const { start, end, state, label } = spans;
    for (let index = 0; index < spans.length; index++) {
      const code = state[index]!;
      if (SLICE_STATES[code] === 'idle') continue;
      const text = label[index]!;
      this.#event(start[index]!, {
        type: TYPE.begin,
        track: lane.id,
        nameId: text === 0 ? code + 1 : SLICE_STATES.length + 1 + text,
        categoryId: code + 1,
      });
      this.#event(end[index]!, { type: TYPE.end, track: lane.id });
      yield* this.#full();
    }
  }

  *#counters(lane: Lane, { x, y }: Series, rank: number): Generator<Uint8Array> {
    for (const [index, values] of y.entries()) {
      const unit = lane.series?.[index];
      const name = y.length === 1 ? lane.name : `${lane.name}: ${unit?.name ?? index}`;
      const track = this.#newTrack(name, this.#parentOf(lane), rank, unit);
      // Perfetto knows no shares: it gets per cent.
      const factor = unit?.unit === 'share' ? 100 : 1;
      for (const [row, at] of x.entries()) {
        const value = values[row]!;
        if (Number.isNaN(value)) continue;
        this.#event(at, { type: TYPE.counter, track, value: value * factor });
      }
      yield* this.#full();
    }
  }

  /** What stands beside the processes in the panel belongs to one all the same. */
  #parentOf(lane: Lane): number {
    if (lane.kind === 'process') return 0;
    return lane.parent || (this.#processes.get(lane.pid) ?? 0);
  }

  #newTrack(name: string, parent: number, rank: number, unit?: SeriesInfo): number {
    const uuid = this.#nextUuid++;
    this.#track({ uuid, name, parent, rank, ...(unit && { unit }) });
    return uuid;
  }

  #track(track: Track): void {
    this.#packet((packet) => packet.writeMessage(PACKET.trackDescriptor, writeTrack, track));
  }

  #event(at: number, event: Event): void {
    this.#packet((packet) => {
      packet.writeVarintField(PACKET.timestamp, Math.round(at));
      if (event.nameId !== undefined) packet.writeVarintField(PACKET.sequenceFlags, NEEDS_STATE);
      packet.writeMessage(PACKET.trackEvent, writeEvent, event);
    });
  }

  #packet(write: (packet: PbfWriter) => void): void {
    this.#out.writeMessage(
      TRACE.packet,
      (_, packet) => {
        packet.writeVarintField(PACKET.sequence, SEQUENCE);
        write(packet);
      },
      undefined,
    );
  }
}

function trackOf(lane: Lane, parent: number, rank: number): Track {
  // A viewer says a process's id itself.
  const note = lane.kind === 'process' ? '' : lane.note;
  return {
    uuid: lane.id,
    name: [lane.name, note].filter(Boolean).join(' · '),
    parent,
    rank,
    ...(lane.kind === 'process' ? { pid: lane.pid } : {}),
  };
}

function interned({ id, text }: { readonly id: number; readonly text: string }, out: PbfWriter) {
  out.writeVarintField(INTERNED.id, id);
  out.writeStringField(INTERNED.text, text);
}

function writeTrack({ uuid, name, parent, rank, pid, unit }: Track, out: PbfWriter): void {
  out.writeVarintField(TRACK.uuid, uuid);
  if (pid === undefined) out.writeStringField(TRACK.name, name);
  else
    out.writeMessage(
      TRACK.process,
      (_, process) => {
        process.writeVarintField(PROCESS.pid, pid);
        process.writeStringField(PROCESS.name, name);
      },
      undefined,
    );
  if (parent !== 0) out.writeVarintField(TRACK.parent, parent);
  if (unit !== undefined)
    out.writeMessage(
      TRACK.counter,
      (_, counter) => {
        if (unit.unit === 'share') counter.writeStringField(COUNTER.unitName, '%');
        else counter.writeVarintField(COUNTER.unit, COUNTER_UNIT[unit.unit]);
      },
      undefined,
    );
  out.writeVarintField(TRACK.childOrdering, EXPLICIT_ORDER);
  out.writeVarintField(TRACK.rank, rank);
}

function writeEvent(event: Event, out: PbfWriter): void {
  out.writeVarintField(EVENT.type, event.type);
  out.writeVarintField(EVENT.track, event.track);
  if (event.categoryId !== undefined) out.writeVarintField(EVENT.categoryId, event.categoryId);
  if (event.nameId !== undefined) out.writeVarintField(EVENT.nameId, event.nameId);
  if (event.name !== undefined) out.writeStringField(EVENT.name, event.name);
  if (event.value !== undefined) out.writeDoubleField(EVENT.double, event.value);
  if (event.flow !== undefined) out.writeFixed64Field(EVENT.flow, event.flow);
  if (event.endOfFlow !== undefined) out.writeFixed64Field(EVENT.endOfFlow, event.endOfFlow);
  for (const [name, text] of Object.entries(event.notes ?? {}))
    out.writeMessage(
      EVENT.annotation,
      (_, note) => {
        note.writeStringField(ANNOTATION.name, name);
        note.writeStringField(ANNOTATION.text, text);
      },
      undefined,
    );
}
