/**
 * The tools themselves, outside the fleet: they count what really happened. A request, once made, takes its course whether or
 * not the process that made it lives on.
 */
import { outcomeOf, refused } from '../toolcall/observation.js';
import type { Observation } from '../toolcall/observation.js';
import { broken } from '../fault.js';
import type { ToolCall } from '../toolcall/tool-call.js';
import type { Ground } from './ground.js';
import type { Store } from './store.js';

export class Tools {
  /** Real effects of each call. */
  readonly effects = new Map<string, number>();
  readonly #keys = new Set<string>();

  constructor(
    private readonly ground: Ground,
    private readonly store: Store,
  ) {}

  /** The effect happens somewhere on the way. */
  request(call: ToolCall, key: string, idempotent: boolean, takesMs: number): void {
    this.#mayRun(call);
    if (call.effect === 'read') return;
    this.ground.later(Math.floor(takesMs / 2), () => {
      if (failsAlways(call) || (idempotent && this.#keys.has(key))) return;
      this.#keys.add(key);
      const count = (this.effects.get(call.callId) ?? 0) + 1;
      this.effects.set(call.callId, count);
      this.ground.trace(`effect ${count} of ${call.callId}`);
      if (count > 1) this.ground.violated('no write takes effect twice', `${call.tool} ${call.callId}`);
    });
  }

  /** What a declared read would find. */
  happened(callId: string): boolean {
    return (this.effects.get(callId) ?? 0) > 0;
  }

  answer(call: ToolCall): Observation {
    if (failsAlways(call)) return refused(call.callId, broken('TOOL_FAILED', 'The tool failed.'), outcomeOf.broken);
    const result = call.arguments;
    const observation = { callId: call.callId, outcome: 'ok', result, contentType: 'application/json' } as const;
    return { ...observation, startedAtMs: 0, finishedAtMs: 0, resultBytes: result.byteLength };
  }

  /** A write that runs was decided durably, is what was decided, and waited for its turn. A read may be ahead of that. */
  #mayRun(call: ToolCall): void {
    if (call.effect === 'read') return;
    const stored = this.store.sessions.get(call.sessionId);
    const proposed = stored?.proposed.get(call.callId);
    if (!stored || proposed?.tool !== call.tool || proposed.arguments !== Buffer.from(call.arguments).toString()) {
      return this.ground.violated('no write runs whose decision is not durable', call.callId);
    }
    const { session } = stored;
    const own = session?.calls.find((state) => state.call.callId === call.callId);
    if (!session || !own || own.observation) return;
    const earlier = session.calls.slice(0, session.calls.indexOf(own)).filter((state) => !state.observation);
    if (earlier.length > 0) this.ground.violated('a write runs alone in its turn', call.callId);
  }
}

/** By the arguments, so that every attempt of a call fails or none does. */
const failsAlways = (call: ToolCall): boolean => Buffer.from(call.arguments).toString().endsWith('7}');
