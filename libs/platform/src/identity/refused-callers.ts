/**
 * The audit of callers that were refused: the first of a kind (tenant, way, reason) as it came, and those that follow as one
 * record a minute.
 */
import type { AuditRecord, Caller, Fault } from '@toolfleet/kernel';
import { auditRecordOf, limits } from '@toolfleet/kernel';
import { CountedAudit } from '../bus/counted-audit.js';

export interface RefusedCallersOptions {
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly count: (reason: string) => void;
  readonly log: { warn(facts: object, message: string): void };
  readonly now?: () => number;
  readonly everyMs?: number;
}

export interface RefusedAt {
  /** Absent: nobody knows who it was. */
  readonly caller?: Caller | undefined;
  /** Route, method or topic; one of a few. */
  readonly way: string;
  readonly service: string;
}

const everyMsDefault = 60_000;

export class RefusedCallers {
  readonly #counted: CountedAudit;

  constructor(private readonly options: RefusedCallersOptions) {
    const { audit, log, now, everyMs = everyMsDefault } = options;
    this.#counted = new CountedAudit({ audit, log, now, everyMs, kindsMax: limits.refusedCallersMax });
  }

  note({ reason }: Pick<Fault, 'reason'>, { caller, way, service }: RefusedAt): void {
    this.options.count(reason);
    const tenant = caller?.tenant ?? '';
    const own = `${tenant}\n${way}\n${reason}`;
    const isTold = this.#counted.takes(own);
    const at = isTold ? { caller, way, service } : { way: '', service };
    const nowMs = this.options.now?.() ?? Date.now();
    // Whoever is refused waits for no audit; the bus keeps trying for as long as a record may.
    this.#counted
      .note(isTold ? own : reason, () => recordOf(at, reason, nowMs))
      ?.catch((error: unknown) => {
        this.options.log.warn({ err: error, tenant, way, reason }, 'a refused caller could not be audited');
      });
  }

  /** Writes what was counted, and forgets kinds that did not come again. */
  flush(): void {
    this.#counted.flush();
  }

  close(): void {
    this.#counted.close();
  }
}

function recordOf({ caller, way, service }: RefusedAt, reason: string, atMs: number): AuditRecord {
  return auditRecordOf({
    tenant: caller?.tenant ?? '',
    atMs,
    recordedBy: service,
    actor: caller?.user ?? '',
    action: 'CALLER_REFUSED',
    rule: way,
    outcome: 'refused',
    reason,
    idempotencyKey: caller?.tokenId ?? '',
  });
}
