/** Reads a whole topic in every process. */
import type { KafkaConnection } from './connection.js';
import type { BusRecord } from './records.js';

export interface TopicReader {
  /** Resolves when everything that was on the topic at the start has been handed over. */
  readonly caughtUp: Promise<void>;
  close(): Promise<void>;
}

export interface TopicReaderOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** `undefined` value: a tombstone. Must not throw. */
  readonly onRecord: (record: BusRecord, tombstone: boolean) => void;
}

export declare function readCompacted(options: TopicReaderOptions): TopicReader;
/** Every process sees every record from now on. */
export declare function readBroadcast(options: TopicReaderOptions): TopicReader;
