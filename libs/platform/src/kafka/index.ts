export * from './admin.js';
export * from './bus-pattern.js';
export * from './consumer-options.js';
export { deadLetterHeaders } from './dead-letter.js';
export type {
  FetchedBatch,
  GroupMember,
  MemberEvents,
  MemberFactory,
  MemberOptions,
  Position,
} from './group-member.js';
export { asClientId } from './connection.js';
export type { KafkaConnection, KafkaLog } from './connection.js';
export * from './producer.js';
export { KeyedConsumer } from './keyed-consumer.js';
export * from './records.js';
export * from './compacted-reader.js';
export * from './kafka-server.js';
export * from './kafka-security.js';
