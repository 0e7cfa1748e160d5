/**
 * Audit records on their way to the bus. Those for one partition gather for a moment into one record of the bus, because that
 * costs as much as twenty of them do: also with many tenants that each tell little. Nobody waits for them but who
 * acknowledges what they tell of.
 */
import { encodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { auditTenantOf, limits } from '@toolfleet/kernel';

export interface AuditGatherOptions {
  readonly partitionOf: (tenant: string) => number;
  readonly send: (partition: number, bytes: Uint8Array) => Promise<void>;
}

interface Gathered {
  /** Each encoded as it came: what waits for company should hold on to nothing of the session it tells of. */
  readonly parts: Uint8Array[];
  readonly sent: PromiseWithResolvers<void>;
}

/** Of one gathering; a single record, of some 500 bytes and at most a comment, still fits into a record of the bus. */
const bytesMax = 500_000;

export class AuditGather {
  #gathered = new Map<number, Gathered>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: AuditGatherOptions) {}

  /** Resolves when the bus has it. */
  add(record: AuditRecord): Promise<void> {
    const partition = this.options.partitionOf(auditTenantOf(record));
    const comment = record.comment?.slice(0, limits.auditCommentCharsMax);
    const part = encodeAuditRecords([comment === undefined ? record : { ...record, comment }]);
    let gathered = this.#gathered.get(partition);
    if (!gathered) this.#gathered.set(partition, (gathered = { parts: [], sent: Promise.withResolvers() }));
    gathered.parts.push(part);
    this.#bytes += part.byteLength;
    this.#timer ??= setTimeout(() => this.flush(), limits.auditGatherMs);
    if (gathered.parts.length >= limits.auditGatheredMax || this.#bytes >= bytesMax) this.flush();
    return gathered.sent.promise;
  }

  /** Sends what has gathered, for every partition. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes = 0;
    const all = this.#gathered;
    this.#gathered = new Map();
    for (const [partition, { parts, sent }] of all) {
      this.options.send(partition, Buffer.concat(parts)).then(sent.resolve, sent.reject);
    }
  }
}
