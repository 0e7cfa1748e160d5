/**
 * Room for a model's turn in the tokens of its tenant and of its route, over the whole fleet. Taken ahead by an estimate,
 * settled with what the provider counted. A turn without room waits as long as its session may still wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue, Message, ModelAnswer, ModelRouteSpec, Session } from '@toolfleet/kernel';
import { budgetExhausted, isFault, quotasOfModel } from '@toolfleet/kernel';
import type { ModelRequest } from '@toolfleet/platform/model';
import type { QuotaLeases, QuotaRoom } from '@toolfleet/platform/quota';

/** Of English text and JSON a token has about four characters; what it really was is settled after the turn. */
const charsPerToken = 4;
/** What an answer is taken to need where the route sets no limit: tool calls and short texts, the bulk, are below. */
export const outputTokensGuess = 1_024;
/** Cheaper turns than estimated make room early, so it is worth a look before the time that the refusal names. */
const lookAgainMs = 1_000;
/** A session that fails for its quota says so; at the very end of its time it would only have run out of time. */
const lastWordMs = 250;

export class TokenQuotas {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly leases: QuotaLeases,
  ) {}

  /** `ask` runs once there is room. */
  async within(
    session: Session,
    route: ModelRouteSpec,
    request: ModelRequest,
    ask: () => Promise<ModelAnswer>,
    signal: AbortSignal,
  ): Promise<ModelAnswer> {
    const tenant = this.catalogue.get('Tenant', session.request.tenant) ?? { name: session.request.tenant };
    const quotas = quotasOfModel(tenant, this.catalogue.all('QuotaCeiling'), route);
    if (quotas.length === 0) return ask();
    const take = () => this.leases.take(quotas, estimateOf(request));
    const room = await this.#patiently(take, session.deadlineAtMs, signal);
    try {
      // Nobody wants it any more, and nobody was asked.
      if (signal.aborted) room.settle(0);
      signal.throwIfAborted();
      const answer = await ask();
      const used = answer.usage.inputTokens + answer.usage.outputTokens;
      // Some servers count nothing; then the estimate stands.
      if (used > 0) room.settle(used);
      return answer;
    } catch (error) {
      // Refused before it was worked on. After anything else the provider may have counted it.
      if (isFault(error) && (error.kind === 'overloaded' || error.kind === 'invalid')) room.settle(0);
      throw error;
    }
  }

  async #patiently(
    take: () => QuotaRoom | Promise<QuotaRoom>,
    deadlineAtMs: number,
    signal: AbortSignal,
  ): Promise<QuotaRoom> {
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- looks again until there is room or no time left
        return await take();
      } catch (error) {
        if (!isFault(error) || error.kind !== 'overloaded') throw error;
        // Spread, so that all that wait for one moment do not meet in it.
        const waitMs = Math.min(error.retryAfterMs ?? lookAgainMs, lookAgainMs) + Math.random() * lastWordMs;
        if (Date.now() + waitMs + lastWordMs >= deadlineAtMs) throw error;
        // oxlint-disable-next-line no-await-in-loop
        await sleep(waitMs, undefined, { signal });
      }
    }
  }
}

export function estimateOf({ messages, tools, route }: ModelRequest): number {
  const chars = messages.reduce((sum, message) => sum + charsOf(message), 0);
  const schemas = tools.reduce((sum, tool) => sum + tool.description.length + schemaCharsOf(tool.parameters), 0);
  const output = Math.min(route.maxOutputTokens ?? outputTokensGuess, outputTokensGuess);
  return Math.ceil((chars + schemas) / charsPerToken) + output;
}

/** The patience of this class was spent on it already: trying the turn again would wait beyond the session's end. */
export const isOutOfQuota = (error: unknown): boolean => isFault(error) && outOfQuota.has(error.reason);
const outOfQuota: ReadonlySet<string> = new Set(['QUOTA_EXCEEDED', 'QUOTA_UNAVAILABLE', budgetExhausted]);

function charsOf(message: Message): number {
  if (message.role !== 'assistant') return message.text.length;
  return message.toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, message.text.length);
}

const schemaChars = new WeakMap<object, number>();

/** Tools are the catalogue's own objects: each is measured once. */
function schemaCharsOf(parameters: object): number {
  let chars = schemaChars.get(parameters);
  if (chars === undefined) schemaChars.set(parameters, (chars = JSON.stringify(parameters).length));
  return chars;
}
