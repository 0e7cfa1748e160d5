/**
 * The audit of callers that were refused. The first of a kind (tenant, way, reason) is written at once; those that follow are
 * counted and written as one record a minute, so that whoever knocks all day fills a line and not the audit.
 */
import type { AuditRecord, Caller, Fault } from '@toolfleet/kernel';
import { auditRecordOf, limits } from '@toolfleet/kernel';

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

interface Kind {
  readonly record: AuditRecord;
  since: number;
}

export class RefusedCallers {
  readonly #kinds = new Map<string, Kind>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: RefusedCallersOptions) {
    this.#timer = setInterval(() => this.flush(), options.everyMs ?? everyMsDefault).unref();
  }

  note({ reason }: Pick<Fault, 'reason'>, { caller, way, service }: RefusedAt): void {
    this.options.count(reason);
    const tenant = caller?.tenant ?? '';
    const own = `${tenant}\n${way}\n${reason}`;
    const full = this.#kinds.size >= limits.refusedCallersMax && !this.#kinds.has(own);
    const key = full ? reason : own;
    const known = this.#kinds.get(key);
    if (known) {
      known.since += 1;
      return;
    }
    const record = recordOf(full ? { way: '', service } : { caller, way, service }, reason, this.#now());
    this.#kinds.set(key, { record, since: 0 });
    this.#write(record);
  }

  /** Writes what was counted, and forgets kinds that did not come again. */
  flush(): void {
    for (const [key, kind] of this.#kinds) {
      if (kind.since === 0) this.#kinds.delete(key);
      else this.#write({ ...kind.record, atMs: this.#now(), outcome: `refused ${kind.since} times more` });
      kind.since = 0;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }

  #now(): number {
    return this.options.now?.() ?? Date.now();
  }

  /** Whoever is refused waits for no audit; the bus keeps trying for as long as a record may. */
  #write(record: AuditRecord): void {
    this.options.audit(record).catch((error: unknown) => {
      const { tenant, rule: way, reason } = record;
      this.options.log.warn({ err: error, tenant, way, reason }, 'a refused caller could not be audited');
    });
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
