/** After a run: whether the audit of its tenant is whole, as whoever gets an export of it would find out. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogReport } from '@toolfleet/kernel';
import { verifyAudit, type PolicyService } from '@toolfleet/fleetctl/local';

export type AuditCheck = Pick<LogReport, 'ok' | 'entries' | 'signedSeq' | 'unsignedTail'>;

const pauseMs = 250;
const looksMax = 40;

/** Entries come beside the sessions that they tell of: waits until no more do. */
export async function checkAudit(service: PolicyService, tenant: string, signal: AbortSignal): Promise<AuditCheck> {
  let last = await verifyAudit(service, tenant, signal);
  for (let looks = 0; looks < looksMax; looks += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one look after another
    await sleep(pauseMs, undefined, { signal });
    // oxlint-disable-next-line no-await-in-loop
    const next = await verifyAudit(service, tenant, signal);
    if (next.entries === last.entries) break;
    last = next;
  }
  const { ok, entries, signedSeq, unsignedTail } = last;
  return { ok, entries, signedSeq, unsignedTail };
}

export const auditText = ({ ok, entries, signedSeq, unsignedTail }: AuditCheck): string =>
  ok
    ? `Audit: ${entries} entries, the chain is whole and signed up to ${signedSeq}${unsignedTail > 0 ? `, ${unsignedTail} behind it` : ''}.`
    : `Audit: the log of ${entries} entries is NOT whole.`;
