/**
 * Who published a record. Kafka tells a consumer nothing of that, so either the record carries a token of its own, or it came
 * by a topic that the broker's ACL lets only one tenant's principal write to. Whoever owns such a topic is a back-end of the
 * tenant, and acts for its users.
 */
import type { Caller, Fault } from '@toolfleet/kernel';
import { expired, faultOf, isCallerRefusal, limits, tenantFor } from '@toolfleet/kernel';
import type { Identity } from '@toolfleet/platform/identity';
import type { BusRecord } from '@toolfleet/platform/kafka';

type PublishedRecord = Pick<BusRecord, 'topic' | 'headers' | 'timestampMs'>;

export interface Admitted {
  readonly caller: Caller;
  /** That the record is about. */
  readonly tenant: string;
}

export class Publishers {
  constructor(
    private readonly identity: Pick<Identity, 'callerOf' | 'known' | 'refused'>,
    /** Tenants by the topic that is theirs alone. */
    private readonly requestTopics: ReadonlyMap<string, string>,
    private readonly now: () => number,
  ) {}

  /**
   * Throws what no answer may be given to, and has it audited: `unauthenticated`, or `denied` TENANT_MISMATCH. A token must have
   * counted when the broker took the record: one that is read after an outage is as good as when it was published.
   */
  async admit(record: PublishedRecord, namedTenant: string): Promise<Admitted> {
    let caller: Caller | undefined;
    try {
      caller = await this.#callerOf(record, (header, atMs) => this.identity.callerOf(header, atMs));
      return this.#admitted(caller, record, namedTenant);
    } catch (error) {
      const fault = faultOf(error);
      if (isCallerRefusal(fault)) this.note(fault, record, caller);
      throw fault;
    }
  }

  /** The same at once, of a publisher whose record came right before; undefined where `admit` has to look, or would throw. */
  known(record: PublishedRecord, namedTenant: string): Admitted | undefined {
    try {
      const caller = this.#callerOf(record, (header, atMs) => this.identity.known(header, atMs));
      return caller && this.#admitted(caller, record, namedTenant);
    } catch {
      return undefined;
    }
  }

  /** Has a refusal audited. */
  note(fault: Fault, { topic }: Pick<BusRecord, 'topic'>, caller: Caller | undefined): void {
    this.identity.refused.note(fault, { caller, way: topic, service: 'gateway' });
  }

  #admitted(caller: Caller, { topic }: PublishedRecord, namedTenant: string): Admitted {
    const owner = this.requestTopics.get(topic);
    // A token of another tenant does not count on it, whatever the record says.
    const own = owner === undefined ? caller : { ...caller, tenant: tenantFor(caller, owner) };
    return { caller: own, tenant: tenantFor(own, namedTenant) };
  }

  #callerOf<T>({ topic, headers, timestampMs }: PublishedRecord, of: (header: unknown, atMs: number) => T): T | Caller {
    const now = this.now();
    if (now - timestampMs > limits.publishedRequestMsMax) {
      throw expired('REQUEST_TOO_OLD', 'The record was published too long ago.', {
        details: { ageMsMax: String(limits.publishedRequestMsMax) },
      });
    }
    const owner = this.requestTopics.get(topic);
    const header = authorizationOf(headers);
    if (header === undefined && owner !== undefined) return backEndOf(owner, topic);
    // A publisher whose clock is ahead gains nothing by it.
    return of(header, Math.min(timestampMs, now));
  }
}

const backEndOf = (tenant: string, topic: string): Caller => ({
  tenant,
  user: '',
  roles: [],
  scopes: new Set(['sessions:start', 'sessions:delegate']),
  tokenId: topic.slice(-limits.nameCharsMax),
});

/** Header names differ in case between clients. */
export function authorizationOf(headers: Readonly<Record<string, string>>): string | undefined {
  if (headers['authorization'] !== undefined) return headers['authorization'];
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}
