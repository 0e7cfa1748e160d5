/**
 * Audit of what may happen without end. The first of a kind is written at once; those that follow are counted and written as one
 * record now and then, so that whoever knocks all day fills a line and not the audit. What was counted since the last record
 * is lost with a process that is killed.
 */
import type { AuditRecord } from '@toolfleet/kernel';

export interface CountedAuditOptions {
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly log: { warn(facts: object, message: string): void };
  readonly everyMs: number;
  /** Kinds that are told apart at a time. */
  readonly kindsMax: number;
  /** Those that followed the first, as one record: what they have in common with it. */
  readonly countedOf?: (first: AuditRecord) => AuditRecord;
  readonly now?: (() => number) | undefined;
}

interface Kind {
  readonly first: AuditRecord;
  since: number;
}

export class CountedAudit {
  readonly #kinds = new Map<string, Kind>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: CountedAuditOptions) {
    this.#timer = setInterval(() => this.flush(), options.everyMs).unref();
  }

  /** Whether one more kind of that name is told apart; else its caller names a wider one. */
  takes(kind: string): boolean {
    return this.#kinds.size < this.options.kindsMax || this.#kinds.has(kind);
  }

  /** Resolves when the bus has the record; undefined for one that is only counted. `recordOf` is asked for the first. */
  note(kind: string, recordOf: () => AuditRecord): Promise<void> | undefined {
    const known = this.#kinds.get(kind);
    if (known) {
      known.since += 1;
      return undefined;
    }
    const first = recordOf();
    this.#kinds.set(kind, { first, since: 0 });
    return this.options.audit(first);
  }

  /** Writes what was counted, and forgets kinds that did not come again. */
  flush(): void {
    for (const [name, kind] of this.#kinds) {
      if (kind.since === 0) this.#kinds.delete(name);
      else this.#write(kind);
      kind.since = 0;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }

  /** Nobody waits for it; the bus keeps trying for as long as a record may. */
  #write({ first, since }: Kind): void {
    const { audit, countedOf = (record) => record, now = Date.now, log } = this.options;
    const outcome = `${first.outcome} ${since} times more`;
    audit({ ...countedOf(first), atMs: now(), outcome }).catch((error: unknown) => {
      const { tenant, reason } = first;
      log.warn({ err: error, tenant, reason, counted: since }, 'what was counted could not be audited');
    });
  }
}
