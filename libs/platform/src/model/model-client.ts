/**
 * The port to language models. An implementation returns whole answers only: a stream that breaks is a fault, and no
 * partial tool call ever leaves it.
 */
import type { Message, ModelAnswer, ModelUsage, ToolDefinition } from '@toolfleet/kernel';
import type { Secret } from '../config/secret.js';

export interface ModelClient {
  /**
   * Faults: `overloaded` (rate limit, full queue, open breaker, no budget for a retry; with `retryAfterMs`), `unreachable`
   * (5xx, connection, a stream cut in the middle), `invalid` (the provider refused the request, or the answer is too large),
   * `expired`. An abort rejects with the signal's own reason.
   */
  answer(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
}

export interface ModelRequest {
  readonly route: ModelRoute;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  /** The model is to answer in words: tools stay in the request, because earlier turns have calls of them. */
  readonly noCalls?: boolean | undefined;
  readonly deadlineAtMs: number;
  /** The same turn was asked for before: it goes only within the provider's budget of retries. */
  readonly isRetry?: boolean | undefined;
  /** Sent along as a header and named in usage reports; never part of the prompt. */
  readonly sessionId: string;
  /** Text as it arrives. What it was given is void when the call then faults. */
  readonly onText?: ((delta: string) => void) | undefined;
}

/** Where a model is and how it may be used. Routes are immutable values: a changed route is a new object. */
export interface ModelRoute {
  /** Unique; names the route's breaker and its queue. */
  readonly name: string;
  readonly provider: 'openai' | 'anthropic';
  /** With the version part: `https://api.openai.com/v1`, `https://api.anthropic.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: Secret | undefined;
  readonly model: string;
  readonly stream: boolean;
  /** For one call, without its wait in the queue. */
  readonly timeoutMs: number;
  readonly firstByteTimeoutMs?: number | undefined;
  /** Calls of this route in flight at once in this process. */
  readonly concurrencyMax: number;
  readonly temperature?: number | undefined;
  /** Sent to OpenAI-compatible servers only: with it some of them repeat themselves. */
  readonly seed?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** What an OpenAI-compatible server calls the output limit; its newer models refuse `max_tokens`, others know no other. */
  readonly outputLimitField?: 'max_completion_tokens' | 'max_tokens' | undefined;
}

/** One finished call; tokens are the provider's own count, zero where it gave none. */
export interface ModelUsageReport {
  readonly route: string;
  readonly model: string;
  readonly sessionId: string;
  readonly usage: ModelUsage;
  readonly latencyMs: number;
}
