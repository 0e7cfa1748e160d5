/**
 * The conversation as the model sees it, independent of any provider's wire format. Messages are immutable: an adapter
 * may cache a message's encoded form by identity, so that a long conversation is not encoded again on every turn.
 */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  readonly role: 'system';
  readonly text: string;
}

export interface UserMessage {
  readonly role: 'user';
  readonly text: string;
  /** Words of the fleet, in the only role that every provider takes in the middle of a conversation. */
  readonly byFleet?: true;
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly text: string;
  readonly toolCalls: readonly ProposedCall[];
}

export interface ToolMessage {
  readonly role: 'tool';
  /** `ProposedCall.id` of the call that this answers. */
  readonly toolCallId: string;
  readonly text: string;
}

/** One tool call as the model wrote it; nothing about it is trusted yet. */
export interface ProposedCall {
  /** The provider's id, echoed back to it; unique only within one answer. Never used as a key of ours. */
  readonly id: string;
  readonly name: string;
  /** The JSON text exactly as the model wrote it: may be broken. */
  readonly arguments: string;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What they cost, in millionths; absent where their route has no prices. */
  readonly costMicros?: number | undefined;
}

export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'other';

/** One finished answer of a model. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ProposedCall[];
  readonly finishReason: FinishReason;
  readonly usage: ModelUsage;
}

/** A tool as it is shown to a model. `parameters` is a JSON Schema document. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}
