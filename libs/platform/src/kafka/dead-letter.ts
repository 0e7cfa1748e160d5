/**
 * Where a record goes that cannot be handled: its bytes, key and headers (less its token) as they were, and what happened. The
 * record's offset advances only once the bus has its dead letter, so nothing is ever dropped in silence.
 */
import type { Fault } from '@toolfleet/kernel';
import { faultOf, limits } from '@toolfleet/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetters } from './consumer-options.js';
import type { BusRecord, OutgoingRecord } from './records.js';
import type { RepeatedLog } from './repeated-log.js';

/** Each send already lasts up to its own deadline; the pause only keeps a bus that refuses at once from being hammered. */
const againMs = 1_000;
/** The lane has moved on, and nobody waits for a dead letter; what is poison comes in crowds. */
const aside = { mayWaitMs: limits.besideTheWayMs };

export interface DeadLetterFacts {
  readonly record: BusRecord;
  readonly fault: Fault;
  readonly groupId: string;
  readonly attempt: number;
  readonly firstFailedAtMs: number;
}

/** Names of Kafka's own dead-letter proposal (KIP-1191), and ours for what it lacks. */
export const deadLetterHeaders = {
  topic: '__dlq.errors.topic',
  partition: '__dlq.errors.partition',
  offset: '__dlq.errors.offset',
  group: '__dlq.errors.group',
  deliveryCount: '__dlq.errors.delivery.count',
  message: '__dlq.errors.message',
  kind: 'fleet-error-kind',
  reason: 'fleet-error-reason',
  firstFailedAt: 'fleet-first-failed-at',
  /** Set when the value was left out because the dead letter would be larger than the bus takes: its length. */
  omittedBytes: 'fleet-value-omitted-bytes',
} as const;

export function deadLetterOf(topic: string, facts: DeadLetterFacts): OutgoingRecord {
  const { record, fault } = facts;
  return {
    topic,
    key: record.key,
    value: record.value,
    headers: {
      ...withoutToken(record.headers),
      [deadLetterHeaders.topic]: record.topic,
      [deadLetterHeaders.partition]: String(record.partition),
      [deadLetterHeaders.offset]: String(record.offset),
      [deadLetterHeaders.group]: facts.groupId,
      [deadLetterHeaders.deliveryCount]: String(facts.attempt),
      [deadLetterHeaders.message]: fault.message,
      [deadLetterHeaders.kind]: fault.kind,
      [deadLetterHeaders.reason]: fault.reason,
      [deadLetterHeaders.firstFailedAt]: new Date(facts.firstFailedAtMs).toISOString(),
    },
  };
}

/** Whoever may look at dead letters must not be able to act as those who wrote them. */
const withoutToken = (headers: BusRecord['headers']): BusRecord['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));

/** Sends the record's dead letter until the bus has it; false when `isOver` says that it is no longer ours to send. */
export async function sendUntilTaken(
  { topic, producer }: DeadLetters,
  facts: DeadLetterFacts,
  isOver: () => boolean,
  log: RepeatedLog,
): Promise<boolean> {
  const { record, fault, groupId } = facts;
  const letter = deadLetterOf(topic, facts);
  const where = { topic: record.topic, partition: record.partition, offset: String(record.offset), groupId };
  const kind = `${record.topic} ${fault.reason}`;
  while (!isOver()) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await sendOnce(producer, letter);
      log.write(
        'warn',
        'A record went to the dead letters.',
        { ...where, kind: fault.kind, reason: fault.reason },
        kind,
      );
      return true;
    } catch (error) {
      const { reason } = faultOf(error);
      log.write(
        'error',
        'A dead letter could not be sent; its record waits.',
        { ...where, reason },
        `${reason} ${kind}`,
      );
      // oxlint-disable-next-line no-await-in-loop
      await sleep(againMs);
    }
  }
  return false;
}

/** A letter that is too large goes without its value: the headers name where that still lies. */
async function sendOnce(producer: DeadLetters['producer'], letter: OutgoingRecord): Promise<void> {
  try {
    await producer.send(letter, aside);
  } catch (error) {
    if (faultOf(error).reason !== 'RECORD_TOO_LARGE') throw error;
    const omitted = { [deadLetterHeaders.omittedBytes]: String(letter.value?.byteLength ?? 0) };
    await producer.send({ ...letter, value: new Uint8Array(0), headers: { ...letter.headers, ...omitted } }, aside);
  }
}
