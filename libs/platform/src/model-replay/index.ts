export type { Conversation, RecordedAnswer, RecordedCall } from './conversation.js';
export * from './replay-model.js';
