/**
 * Audit records on their way to the bus. Those of a tenant gather for a moment into one record of the bus, because that costs
 * as much as twenty of them do. Nobody waits for them but who acknowledges what they tell of.
 */
import { encodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { TransientMap, fleetAuditTenant, limits } from '@toolfleet/kernel';

export type SendAudit = (tenant: string, bytes: Uint8Array) => Promise<void>;

interface Gathered {
  readonly records: AuditRecord[];
  readonly sent: PromiseWithResolvers<void>;
}

/** Texts of one gathering: far below a record of the bus, even if every character takes three bytes. */
const charsMax = 200_000;
/** What a record has besides its texts of any length. */
const recordChars = 400;

export class AuditGather {
  readonly #gathered = new TransientMap<string, Gathered>();
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: SendAudit) {}

  /** Resolves when the bus has it. */
  add(record: AuditRecord): Promise<void> {
    const tenant = record.tenant || fleetAuditTenant;
    const comment = record.comment?.slice(0, limits.auditCommentCharsMax);
    let gathered = this.#gathered.get(tenant);
    if (!gathered) this.#gathered.set(tenant, (gathered = { records: [], sent: Promise.withResolvers() }));
    gathered.records.push(comment === undefined ? record : { ...record, comment });
    this.#chars += recordChars + (comment?.length ?? 0);
    this.#timer ??= setTimeout(() => this.flush(), limits.auditGatherMs);
    if (gathered.records.length >= limits.auditGatheredMax || this.#chars >= charsMax) this.flush();
    return gathered.sent.promise;
  }

  /** Sends what has gathered, of every tenant. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#chars = 0;
    const all = [...this.#gathered];
    this.#gathered.clear();
    for (const [tenant, { records, sent }] of all) {
      this.send(tenant, encodeAuditRecords(records)).then(sent.resolve, sent.reject);
    }
  }
}
