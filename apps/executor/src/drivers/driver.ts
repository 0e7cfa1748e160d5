/**
 * A driver speaks to tools of one kind. It runs a call once, within the signal and the deadline, and either returns what
 * the tool answered or throws a fault; whether to run, to repeat, or what an unknown end means is not its business.
 */
import type { CallPlan, ToolCall, ToolSpec } from '@toolfleet/kernel';

export interface ToolRun {
  readonly call: ToolCall;
  readonly tool: ToolSpec;
  /** The validated arguments. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** What the driver adds of its credential: an answer must not show it. Absent: nobody reads the answer. */
  readonly secrets?: Set<string> | undefined;
  /**
   * Of a write: grows with each executor that takes the call over, so a tool that keeps the highest of an idempotency key can
   * refuse one that was thought dead.
   */
  readonly epoch?: bigint | undefined;
  /** The same call was run before, and `takeRetry` allowed another. */
  readonly isRetry?: boolean | undefined;
}

export interface ToolAnswer {
  /** False: the tool understood the call and refused it; its words go to the model. */
  readonly ok: boolean;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Handle under which the whole of it is kept already. */
  readonly keptAs?: string;
  /** Stable UPPER_SNAKE when not ok. */
  readonly reason?: string;
  /** Not ok, because what was to be changed is not as the call expects; `version`: what it is now, where the tool says so. */
  readonly stale?: { readonly version?: string | undefined };
}

export interface Driver {
  run(run: ToolRun): Promise<ToolAnswer>;
  /** The same as far as the request: arguments placed, credential resolved, and nothing of it sent. Faults as of `run`. */
  plan(run: ToolRun): Promise<CallPlan>;
  /** Whether what stands behind the tool bears another try; each true is paid for. Absent: it always does. */
  takeRetry?(tool: ToolSpec): boolean;
}

/**
 * Whether a call that ended in a fault may have reached the tool: decides between "nothing happened" and "nobody knows".
 * Faults of the wire say so in `details.sent`.
 */
export type Sent = 'no' | 'maybe';
