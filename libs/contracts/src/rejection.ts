/** How the world hears of a session that never ran: the same outcome as of one that did, with nothing done. */
import type { Refusal, SessionRequest } from '@toolfleet/kernel';
import type { SessionOutcome } from './session-outcome-codec.js';

export function rejectionOf(
  sessionId: string,
  request: SessionRequest,
  refusal: Refusal,
  now: number,
  status: 'rejected' | 'cancelled' = 'rejected',
): SessionOutcome {
  const { tenant, requestId, user, agent, labels } = request;
  return {
    tenant,
    sessionId,
    requestId,
    user,
    agent,
    status,
    answer: '',
    refusal,
    usage: { inputTokens: 0, outputTokens: 0 },
    turns: 0,
    calls: [],
    startedAtMs: now,
    finishedAtMs: now,
    labels,
    run: 1,
  };
}
