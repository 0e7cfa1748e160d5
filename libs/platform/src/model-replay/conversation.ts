/**
 * Recorded conversations, one JSON object a line, checked as they are read: a file that does not fit names its line.
 * A conversation is found by its first user message, so two may not begin alike.
 */
import { readFileSync } from 'node:fs';
import { invalid } from '@toolfleet/kernel';
import { z } from 'zod';

const callSchema = z.strictObject({
  name: z.string().min(1),
  arguments: z.record(z.string(), z.unknown()).optional(),
  /** In place of `arguments`: the text exactly as a model wrote it, broken or not. */
  rawArguments: z.string().optional(),
});

const answerSchema = z.strictObject({
  text: z.string().optional(),
  toolCalls: z.array(callSchema).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  /** Answer with this status and an error instead. */
  status: z.number().int().min(400).max(599).optional(),
  retryAfterMs: z.number().int().min(0).optional(),
  /** End the connection in the middle of the answer: in the last tool call, if there is one. */
  cut: z.boolean().optional(),
  finishReason: z.enum(['stop', 'tool_calls', 'length', 'content_filter']).optional(),
});

const conversationSchema = z.strictObject({
  id: z.string().min(1),
  input: z.string().min(1),
  answers: z.array(answerSchema).min(1),
});

export type RecordedCall = z.infer<typeof callSchema>;
export type RecordedAnswer = z.infer<typeof answerSchema>;
export type Conversation = z.infer<typeof conversationSchema>;

type ByInput = Map<string, Conversation>;

export function conversationsByInput(conversations: readonly Conversation[]): ByInput {
  const byInput: ByInput = new Map();
  for (const conversation of conversations) add(byInput, conversation, conversation.id);
  return byInput;
}

/** Adds to `byInput` what the files hold. */
export function readConversations(files: readonly string[], byInput: ByInput = new Map()): ByInput {
  for (const file of files) {
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      if (line.trim() === '') continue;
      const at = `${file}:${index + 1}`;
      add(byInput, conversationOf(line, at), at);
    }
  }
  return byInput;
}

function add(byInput: ByInput, conversation: Conversation, at: string): void {
  const other = byInput.get(conversation.input);
  if (other !== undefined) {
    throw invalid('CONVERSATION_AMBIGUOUS', 'Two conversations begin with the same message.', {
      details: { at, ids: `${other.id}, ${conversation.id}` },
    });
  }
  byInput.set(conversation.input, conversation);
}

function conversationOf(line: string, at: string): Conversation {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw invalid('CONVERSATION_MALFORMED', `${at} is not JSON.`, { details: { at }, cause });
  }
  const result = conversationSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = z.prettifyError(result.error);
  throw invalid('CONVERSATION_MALFORMED', `${at} is not a recorded conversation: ${problems}`, { details: { at } });
}
