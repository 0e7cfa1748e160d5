export * from './admin.js';
export * from './consumer-options.js';
export type { KafkaConnection, KafkaLog } from './connection.js';
export * from './producer.js';
export type { KeyedConsumer } from './keyed-consumer.js';
export * from './records.js';
export * from './compacted-reader.js';
export * from './kafka-server.js';
