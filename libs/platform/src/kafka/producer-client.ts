/**
 * The port between the bus producer and the Kafka client: one idempotent producer, one produce at a time. It keeps no
 * queue and tries nothing twice: what a failure means, and whether to go on, is decided by its caller, from Kafka's error
 * codes in the failure (`failures.ts`).
 */
import type { KafkaConnection } from './connection.js';
import type { OutgoingRecord } from './records.js';

export interface ProducerClient {
  /**
   * One try, never two at a time. Resolves when all in-sync replicas have the records, with those whose partition does
   * not exist: they were not sent. After a rejection the outcome is unknown; the same list sent next goes out under the
   * same sequence numbers, so that the broker recognises what it has. Another list may only be sent by another client.
   */
  send(records: readonly OutgoingRecord[]): Promise<readonly OutgoingRecord[]>;
  /** Takes some seconds at most, also with a broker that hangs. */
  close(): Promise<void>;
}

/** Resolves when a broker has given out a producer id; a client that cannot be opened leaves nothing behind. */
export type OpenProducer = (connection: KafkaConnection) => Promise<ProducerClient>;
