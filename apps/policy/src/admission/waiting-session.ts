/** A request as the waiting room keeps it: the admission record that asked for it. */
import type { SessionAdmission } from '@toolfleet/contracts';
import { decodeSessionAdmission, encodeSessionAdmission } from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { priorityRankOf } from '@toolfleet/kernel';
import type { WaitingSession } from '@toolfleet/platform/postgres';

export function waitingOf(
  sessionId: string,
  requested: SessionRequest,
  times: Pick<WaitingSession, 'enteredAtMs' | 'expiresAtMs'>,
): WaitingSession {
  const { tenant } = requested;
  const payload = encodeSessionAdmission({ tenant, sessionId, requested });
  return { ...times, tenant, sessionId, priority: priorityRankOf(requested), payload };
}

export const requestOf = ({ payload }: WaitingSession): SessionRequest =>
  (decodeSessionAdmission(payload) as SessionAdmission & { requested: SessionRequest }).requested;
