/**
 * Makes an observation of what a tool answered, without the secrets that the call was sent with: at most the tool's own
 * share of bytes and tokens travels and reaches the model, what does not fit is kept whole as an artifact behind a handle,
 * and what was cut is said.
 */
import type { Observation, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { isFault, limits } from '@toolfleet/kernel';
import { selected, shaped, type Answer } from '@toolfleet/kernel/shaping';
import type { ArtifactStore } from '@toolfleet/platform/postgres';
import { tokensOf } from '@toolfleet/platform/tokens';
import { Scrubber } from './credentials/scrubber.js';
import type { ToolAnswer } from './drivers/driver.js';

const nothing: ReadonlySet<string> = new Set();

export class ObservationShaper {
  readonly #scrubber = new Scrubber();

  constructor(private readonly artifacts: ArtifactStore) {}

  /** `secrets`: what the answer must not show. */
  async shape(call: ToolCall, tool: ToolSpec, told: ToolAnswer, secrets = nothing): Promise<Observation> {
    const body = this.#scrubber.bytes(told.body, secrets);
    const answer = { ...told, body, contentType: this.#scrubber.text(told.contentType, secrets) };
    const { bytesMax, tokensMax = limits.observationTokensMax } = tool.observation;
    // What a tool says when it refuses is a sentence, and not what `select` was written for.
    const whole = answer.ok ? selected(answer, tool.observation) : answer;
    const budget = { bytesMax: Math.min(bytesMax, limits.observationBytesMax), tokensMax, tokensOf };
    const part = shaped(whole, tool.observation, budget);
    const artifact = part === undefined ? undefined : (answer.keptAs ?? (await this.#keep(call, whole)));
    return {
      callId: call.callId,
      outcome: answer.ok ? 'ok' : 'failed',
      result: part === undefined ? whole.body : Buffer.from(part),
      contentType: whole.contentType,
      refusal: answer.ok ? undefined : refusalOfTool(tool, answer),
      startedAtMs: 0,
      finishedAtMs: 0,
      artifact,
      resultBytes: whole.body.byteLength,
    };
  }

  /** Of a call that ended in a fault. */
  refused(observation: Observation, secrets: ReadonlySet<string>): Observation {
    return this.#scrubber.refusal(observation, secrets);
  }

  /** An answer that cannot be kept whole is still worth its first part. */
  async #keep({ tenant, sessionId, callId }: ToolCall, answer: Answer): Promise<string | undefined> {
    try {
      return await this.artifacts.put(tenant, sessionId, callId, answer.body, answer.contentType);
    } catch (error) {
      // Also when the store is away: what the tool did is done, whether or not its whole answer can be kept.
      if (isFault(error)) return undefined;
      throw error;
    }
  }
}

function refusalOfTool(tool: ToolSpec, answer: ToolAnswer): Observation['refusal'] {
  return {
    kind: 'invalid',
    reason: answer.reason ?? 'TOOL_REFUSED',
    message: `The tool ${tool.name} refused the call.`,
    retryable: false,
    alternatives: [],
    details: {},
  };
}
