/** What processes of one host tell each other, between the platform's words and their bytes. */
import { wireType } from './wire.js';

/** A record of the bus that did not go over it. */
export interface HandedRecord {
  /** Unique within its direction of one connection. */
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Otherwise any reader of the topic may read it. */
  readonly ownerOnly: boolean;
  readonly sentAtMs: number;
}

export interface NeighbourFrame {
  /** Of the first frame only: what the sender's process reads. */
  readonly topics: readonly string[];
  readonly records: readonly HandedRecord[];
  readonly finished: readonly number[];
  readonly givenBack: readonly number[];
}

const frameType = wireType('toolfleet.neighbour.v1.NeighbourFrame');

export function encodeNeighbourFrame(frame: Partial<NeighbourFrame>): Uint8Array {
  return frameType.encode(frame);
}

/** Throws `invalid` MALFORMED_PROTOBUF. Values are slices of `bytes`. */
export function decodeNeighbourFrame(bytes: Uint8Array): NeighbourFrame {
  const { topics, records, finished, givenBack } = frameType.decode(bytes) as unknown as NeighbourFrame;
  return { topics, records: records.map(recordFrom), finished, givenBack };
}

/** Field by field: those of their default value are not the message's own, and no bytes are no `Uint8Array` there. */
function recordFrom({ id, topic, partition, key, value, headers, ownerOnly, sentAtMs }: HandedRecord): HandedRecord {
  const own = value.length === 0 ? nothing : value;
  return { id, topic, partition, key, value: own, headers, ownerOnly, sentAtMs };
}

const nothing = new Uint8Array();
