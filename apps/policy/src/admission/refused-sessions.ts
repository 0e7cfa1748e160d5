/**
 * Tells of sessions that were not admitted: each its caller, on the topic of outcomes, and all of them the audit. Where there
 * was no room the audit gets the first of a tenant, agent and reason as it came and those that follow as a count: a storm is
 * refused thousands of times a second, and must fill neither the audit nor the time of those that it is refused for.
 */
import type { SessionOutcome } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { auditRecordOf, limits } from '@toolfleet/kernel';
import { CountedAudit, type Outlet } from '@toolfleet/platform/bus';
import type { Logger } from '@toolfleet/platform/telemetry';

const noRoom: ReadonlySet<string> = new Set(['WAITING_ROOM_FULL', 'FLEET_FULL']);

export interface RefusedSessionsOptions {
  readonly outlet: Pick<Outlet, 'outcome' | 'audit'>;
  readonly log: Pick<Logger, 'warn'>;
  readonly now?: () => number;
}

export class RefusedSessions {
  readonly #counted: CountedAudit;

  constructor(private readonly options: RefusedSessionsOptions) {
    const { outlet, log, now } = options;
    this.#counted = new CountedAudit({
      audit: (record) => outlet.audit(record),
      countedOf: (first) => ({ ...first, id: undefined, sessionId: '', actor: '' }),
      everyMs: limits.refusedCountedMs,
      kindsMax: limits.refusedKindsMax,
      ...{ log, now },
    });
  }

  /** Resolves when the bus has the outcome, and what the audit gets of it now. */
  tell(outcome: SessionOutcome): Promise<void> {
    const told = this.options.outlet.outcome(outcome);
    const audited = this.#audit(outcome);
    return audited ? Promise.all([told, audited]).then(() => undefined) : told;
  }

  /** Writes what was counted so far. */
  flush(): void {
    this.#counted.flush();
  }

  close(): void {
    this.#counted.close();
  }

  #audit(outcome: SessionOutcome): Promise<void> | undefined {
    const { tenant, agent, refusal } = outcome;
    const kind = `${tenant}\n${agent}\n${refusal?.reason}`;
    if (refusal && noRoom.has(refusal.reason) && this.#counted.takes(kind)) {
      return this.#counted.note(kind, () => auditOf(outcome));
    }
    return this.options.outlet.audit(auditOf(outcome));
  }
}

function auditOf({ tenant, sessionId, user, agent, status, refusal, finishedAtMs }: SessionOutcome): AuditRecord {
  return auditRecordOf({
    id: `${sessionId}/${status}`,
    agent,
    tenant,
    sessionId,
    atMs: finishedAtMs,
    recordedBy: 'policy',
    actor: user,
    action: status === 'cancelled' ? 'SESSION_CANCELLED' : 'SESSION_REJECTED',
    outcome: status,
    reason: refusal?.reason,
  });
}
