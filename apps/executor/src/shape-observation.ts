/**
 * Makes an observation of what a tool answered: at most the tool's own share of bytes travels and reaches the model, the
 * whole payload is kept as an artifact behind a handle, and what was cut is said.
 */
import type { Observation, ToolCall, ToolSpec } from '@toolfleet/kernel';
import { isFault, limits } from '@toolfleet/kernel';
import type { ArtifactStore } from '@toolfleet/platform/postgres';
import type { ToolAnswer } from './drivers/driver.js';

export class ObservationShaper {
  constructor(private readonly artifacts: ArtifactStore) {}

  async shape(call: ToolCall, tool: ToolSpec, answer: ToolAnswer): Promise<Observation> {
    const bytesMax = Math.min(tool.observation.bytesMax, limits.observationBytesMax);
    const whole = answer.body;
    const cut = whole.byteLength > bytesMax;
    const artifact = cut ? await this.#keep(call, answer) : undefined;
    const result = cut ? wholeCharacters(whole.subarray(0, bytesMax)) : whole;
    return {
      callId: call.callId,
      outcome: answer.ok ? 'ok' : 'failed',
      result,
      contentType: answer.contentType,
      refusal: answer.ok ? undefined : refusalOfTool(tool, answer),
      startedAtMs: 0,
      finishedAtMs: 0,
      artifact,
      resultBytes: whole.byteLength,
    };
  }

  /** An answer that cannot be kept whole is still worth its first part. */
  async #keep({ tenant, sessionId, callId }: ToolCall, answer: ToolAnswer): Promise<string | undefined> {
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

/** Does not end in the middle of a UTF-8 sequence. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && end > bytes.length - 4 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  if (end === 0) return bytes;
  const lead = bytes[end - 1]!;
  const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return end - 1 + width <= bytes.length ? bytes.subarray(0, end - 1 + width) : bytes.subarray(0, end - 1);
}
