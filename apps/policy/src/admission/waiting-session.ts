/** A request as the waiting room keeps it: the admission record that asked for it. */
import type { SessionAdmission } from '@toolfleet/contracts';
import { decodeSessionAdmission, encodeSessionAdmission } from '@toolfleet/contracts';
import type { SessionRequest } from '@toolfleet/kernel';
import { priorityRankOf } from '@toolfleet/kernel';
import type { WaitingSession } from '@toolfleet/platform/postgres';

export interface AskedSession {
  readonly sessionId: string;
  readonly requested: SessionRequest;
  /** The record as it came; absent: it is encoded anew. */
  readonly record?: Uint8Array | undefined;
}

export function waitingOf(
  { sessionId, requested, record }: AskedSession,
  times: Pick<WaitingSession, 'enteredAtMs' | 'expiresAtMs'>,
): WaitingSession {
  const { tenant } = requested;
  // A copy, because a record may be a slice of all that was fetched with it.
  const payload = record ? Buffer.from(record) : encodeSessionAdmission({ tenant, sessionId, requested });
  return { ...times, tenant, sessionId, priority: priorityRankOf(requested), payload };
}

export const requestOf = ({ payload }: WaitingSession): SessionRequest =>
  (decodeSessionAdmission(payload) as SessionAdmission & { requested: SessionRequest }).requested;
