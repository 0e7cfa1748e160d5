/**
 * A session bus that plays the recorded conversations straight against the shop: the smallest thing that keeps the
 * promises of a fleet, to try the demo's own judgement on. `spoil` breaks one promise at a time.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import { callIdOf, idempotencyKeyOf, sessionIdOf } from '@toolfleet/kernel';
import type { RecordedConversation } from '../conversations.js';
import type { ShopClient } from '../shop/client.js';
import { operations } from '../shop/operations.js';
import type { DemoRequest, SessionBus } from './fleet.js';

/** What goes wrong in the session of one task. */
export type Spoil = 'loseOutcome' | 'skipWrites' | 'repeatWrites' | 'sayNothing' | 'fail' | 'tellTwice';

const effectOf = new Map(operations.map(({ name, effect }) => [name, effect] as const));

export class DirectBus implements SessionBus {
  private listeners: ((outcome: SessionOutcome) => void)[] = [];

  constructor(
    private readonly conversations: readonly RecordedConversation[],
    private readonly shop: ShopClient,
    private readonly spoilOf: ReadonlyMap<string, Spoil> = new Map(),
  ) {}

  listen(onOutcome: (outcome: SessionOutcome) => void): Promise<void> {
    this.listeners.push(onOutcome);
    return Promise.resolve();
  }

  async publish(request: DemoRequest): Promise<void> {
    const conversation = this.conversations.find(({ input }) => input === request.input);
    if (conversation === undefined) throw new TypeError(`no conversation begins with ${request.input.slice(0, 20)}`);
    const spoil = this.spoilOf.get(conversation.id.replace('retail-', ''));
    const outcome = await this.play(request, conversation, spoil);
    if (spoil === 'loseOutcome') return;
    for (let times = spoil === 'tellTwice' ? 2 : 1; times > 0; times -= 1) {
      for (const listener of this.listeners) listener(outcome);
    }
  }

  close(): Promise<void> {
    this.listeners = [];
    return Promise.resolve();
  }

  private async play(
    request: DemoRequest,
    conversation: RecordedConversation,
    spoil: Spoil | undefined,
  ): Promise<SessionOutcome> {
    const { tenant, user, requestId, agent } = request;
    const sessionId = sessionIdOf(tenant, requestId);
    const calls: SessionOutcome['calls'][number][] = [];
    let answer = '';
    for (const [turn, step] of conversation.answers.entries()) {
      if ('text' in step) answer = spoil === 'sayNothing' ? '' : step.text;
      for (const [index, { name, arguments: args }] of ('toolCalls' in step ? step.toolCalls : []).entries()) {
        const effect = effectOf.get(name) ?? 'read';
        if (effect === 'write' && spoil === 'skipWrites') continue;
        const callId = callIdOf(sessionId, turn + 1, index);
        const call = { copy: sessionId, idempotencyKey: idempotencyKeyOf(tenant, callId) };
        const reply = await this.shop.call(name, args, call);
        if (spoil === 'repeatWrites') await this.shop.call(name, args, { copy: sessionId });
        calls.push({ callId, tool: name, effect, outcome: reply.status === 200 ? 'ok' : 'failed' });
      }
    }
    return {
      ...{ tenant, sessionId, requestId, user, agent, answer, calls },
      status: spoil === 'fail' ? 'failed' : 'completed',
      usage: { inputTokens: 0, outputTokens: 0 },
      turns: conversation.answers.length,
      startedAtMs: 0,
      finishedAtMs: 0,
      labels: {},
      run: 1,
    };
  }
}
