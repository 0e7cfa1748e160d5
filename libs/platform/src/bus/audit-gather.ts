/**
 * Audit records on their way to the bus. Those of a tenant gather for a moment into one record of the bus, because that costs
 * as much as twenty of them do. Nobody waits for them but who acknowledges what they tell of.
 */
import { encodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { TransientMap, fleetAuditTenant, limits } from '@toolfleet/kernel';

export type SendAudit = (tenant: string, bytes: Uint8Array) => Promise<void>;

interface Gathered {
  /** Each encoded as it came: what waits for company should hold on to nothing of the session it tells of. */
  readonly parts: Uint8Array[];
  readonly sent: PromiseWithResolvers<void>;
}

/** Of one gathering; a single record, of some 500 bytes and at most a comment, still fits into a record of the bus. */
const bytesMax = 500_000;

export class AuditGather {
  readonly #gathered = new TransientMap<string, Gathered>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: SendAudit) {}

  /** Resolves when the bus has it. */
  add(record: AuditRecord): Promise<void> {
    const tenant = record.tenant || fleetAuditTenant;
    const comment = record.comment?.slice(0, limits.auditCommentCharsMax);
    const part = encodeAuditRecords([comment === undefined ? record : { ...record, comment }]);
    let gathered = this.#gathered.get(tenant);
    if (!gathered) this.#gathered.set(tenant, (gathered = { parts: [], sent: Promise.withResolvers() }));
    gathered.parts.push(part);
    this.#bytes += part.byteLength;
    this.#timer ??= setTimeout(() => this.flush(), limits.auditGatherMs);
    if (gathered.parts.length >= limits.auditGatheredMax || this.#bytes >= bytesMax) this.flush();
    return gathered.sent.promise;
  }

  /** Sends what has gathered, of every tenant. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes = 0;
    const all = [...this.#gathered];
    this.#gathered.clear();
    for (const [tenant, { parts, sent }] of all) {
      this.send(tenant, Buffer.concat(parts)).then(sent.resolve, sent.reject);
    }
  }
}
