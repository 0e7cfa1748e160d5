/**
 * Puts what the fleet recorded into its tenants' chains. Records come from the bus in any number and order, some of them
 * again; what arrives while one batch is written joins the next. A record is finished once its entries are stored, so what
 * the database cannot take now waits on the bus. Processes that write to one chain at the same time, as after a rebalance,
 * only cost each other a look at its head: whoever is late finds the other's entries and leaves them out.
 */
import type { AuditHead, AuditRecord, Fault, NewAuditEntry } from '@toolfleet/kernel';
import { auditTenantOf, auditUsageOf, broken, conflict, entryOf, limits, peopleOf, placed } from '@toolfleet/kernel';
import { Batcher } from '@toolfleet/platform';
import type { AppendOutcome, AuditAppend, AuditStore } from '@toolfleet/platform/postgres';
import { databaseFaultOf } from '@toolfleet/platform/postgres';
import { auditNonce } from './audit-nonce.js';
import type { Person } from './subject-key-ring.js';
import type { SubjectKeys } from './subject-keys.js';

/** Of one record of the bus. */
export interface RecordedBatch {
  readonly records: readonly AuditRecord[];
  /** Where it lies on the bus: what has no id of its own is known by that. */
  readonly place: string;
}

interface NamedRecord {
  readonly record: AuditRecord;
  readonly id: string;
}

export interface AuditKeeperOptions {
  readonly store: Pick<AuditStore, 'append' | 'heads'>;
  readonly keys: Pick<SubjectKeys, 'of'>;
  /** Entries appended, and records that were there already. */
  readonly onAppended: (entries: readonly NewAuditEntry[], repeated: number) => void;
  readonly onFailed: (fault: Error) => void;
}

/** Entries in memory that wait for a statement: some 20 MB. Above, the bus keeps them. */
const waitingMax = 20_000;
const busyAbove = 5_000;
/** Looks at a chain's head for one batch: others appended in between each time. */
const roundsMax = 10;
/** Heads in memory, of 100 bytes each. */
const headsMax = 20_000;

export class AuditKeeper {
  readonly #heads = new Map<string, AuditHead>();
  readonly #batches: Batcher<readonly NamedRecord[], void>;
  #waiting = 0;

  constructor(private readonly options: AuditKeeperOptions) {
    this.#batches = new Batcher({
      flush: (batches) => this.#append(batches),
      itemsMax: limits.auditAppendMax,
      weightMax: limits.auditAppendMax,
      weightOf: (records) => records.length,
      waitingMax,
    });
  }

  /** So much waits that no more should be taken from the bus for now. */
  get busy(): boolean {
    return this.#waiting > busyAbove;
  }

  /** Resolves once all of it is stored. Rejects when some of it cannot be; what other tenants told in it is stored then. */
  async add({ records, place }: RecordedBatch): Promise<void> {
    this.#waiting += records.length;
    try {
      await this.#batches.add(records.map((record, index) => ({ record, id: record.id ?? `bus/${place}/${index}` })));
    } finally {
      this.#waiting -= records.length;
    }
  }

  idle(): Promise<void> {
    return this.#batches.idle();
  }

  async #append(batches: readonly (readonly NamedRecord[])[]): Promise<PromiseSettledResult<void>[]> {
    try {
      const { byTenant, repeated } = grouped(await this.#entriesOf(batches));
      const left = await this.#appendAll(byTenant, repeated);
      if (left.length > 0)
        throw conflict('AUDIT_CONTENDED', 'Others write to the same chains.', { details: { tenants: left.join() } });
      return batches.map(() => stored);
    } catch (error) {
      const reason = databaseFaultOf(error);
      this.options.onFailed(reason);
      if (isFinal(reason)) return this.#oneByOne(batches, reason);
      // Heads may have moved with an answer that was lost.
      this.#heads.clear();
      return batches.map(() => ({ status: 'rejected', reason }));
    }
  }

  /** Only the culprit fails and becomes a dead letter, and of what came with it only what is its tenant's is not stored. */
  async #oneByOne(batches: readonly (readonly NamedRecord[])[], reason: Fault): Promise<PromiseSettledResult<void>[]> {
    this.#heads.clear();
    if (batches.length > 1) return this.#eachAlone(batches);
    const ofTenants = [...Map.groupBy(batches[0]!, ({ record }) => auditTenantOf(record)).values()];
    if (ofTenants.length === 1) return [{ status: 'rejected', reason }];
    const failed = (await this.#eachAlone(ofTenants)).filter((result) => result.status === 'rejected');
    // What can still be stored is worth another try, whatever came with it.
    return [failed.find((result) => !isFinal(result.reason as Fault)) ?? failed[0] ?? stored];
  }

  async #eachAlone(batches: readonly (readonly NamedRecord[])[]): Promise<PromiseSettledResult<void>[]> {
    const results: PromiseSettledResult<void>[] = [];
    // oxlint-disable-next-line no-await-in-loop -- rare, and one after another
    for (const batch of batches) results.push(...(await this.#append([batch])));
    return results;
  }

  async #entriesOf(batches: readonly (readonly NamedRecord[])[]): Promise<NewAuditEntry[]> {
    const named = batches.flat();
    const keyOf = await this.options.keys.of(named.flatMap(({ record }) => peopleIn(record)));
    return named.map(({ record, id }) => {
      const tenant = auditTenantOf(record);
      return entryOf(record, id, (name) => keyOf({ tenant, name }), auditNonce);
    });
  }

  /** Tenants that somebody else was always faster with. */
  async #appendAll(open: Map<string, NewAuditEntry[]>, repeatedBefore: number): Promise<string[]> {
    let repeated = repeatedBefore;
    for (let round = 0; open.size > 0 && round < roundsMax; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- each round begins where the one before ended
      const appends = await this.#appendsOf(open);
      const usage = auditUsageOf(appends.flatMap(({ entries }) => entries));
      // oxlint-disable-next-line no-await-in-loop
      const outcomes = await this.options.store.append(appends, usage);
      for (const [at, append] of appends.entries()) {
        const { tenant } = append;
        const left = this.#settled(append, outcomes[at]!);
        const before = open.get(tenant)!;
        open.delete(tenant);
        if (left.length > 0) open.set(tenant, left);
        if (outcomes[at]!.type === 'known') repeated += before.length - left.length;
      }
    }
    this.options.onAppended([], repeated);
    return [...open.keys()];
  }

  /** What of it is still to be appended. */
  #settled({ tenant, to, entries }: AuditAppend, outcome: AppendOutcome): NewAuditEntry[] {
    switch (outcome.type) {
      case 'appended':
        if (this.#heads.size >= headsMax) this.#heads.clear();
        this.#heads.set(tenant, to);
        this.options.onAppended(entries, 0);
        return [];
      case 'known':
        return entries.filter(({ key }) => !outcome.keys.has(key));
      case 'moved':
        this.#heads.delete(tenant);
        return [...entries];
      default:
        throw broken('OUTCOME_UNKNOWN', 'An append ended in no way that is known.');
    }
  }

  async #appendsOf(open: ReadonlyMap<string, readonly NewAuditEntry[]>): Promise<AuditAppend[]> {
    const unknown = [...open.keys()].filter((tenant) => !this.#heads.has(tenant));
    if (unknown.length > 0) {
      for (const { tenant, seq, hash } of await this.options.store.heads(unknown))
        this.#heads.set(tenant, { seq, hash });
    }
    return [...open].map(([tenant, waiting]) => {
      const from = this.#heads.get(tenant)!;
      const { entries, head } = placed(tenant, from, waiting);
      return { tenant, from, to: head, entries };
    });
  }
}

const stored: PromiseSettledResult<void> = { status: 'fulfilled', value: undefined };
/** However often it is tried. */
const isFinal = ({ kind }: Fault): boolean => kind === 'invalid' || kind === 'broken';

function peopleIn(record: AuditRecord): Person[] {
  const tenant = auditTenantOf(record);
  const { user, actor } = peopleOf(record);
  return [...new Set([user, actor])].flatMap((name) => (name === '' ? [] : [{ tenant, name }]));
}

/** By tenant, in their order, each fact once. */
function grouped(entries: readonly NewAuditEntry[]): { byTenant: Map<string, NewAuditEntry[]>; repeated: number } {
  const byTenant = new Map<string, NewAuditEntry[]>();
  const seen = new Set<string>();
  let repeated = 0;
  for (const entry of entries) {
    const name = `${entry.tenant}\n${entry.key}`;
    if (seen.has(name)) {
      repeated += 1;
      continue;
    }
    seen.add(name);
    const own = byTenant.get(entry.tenant);
    if (own) own.push(entry);
    else byTenant.set(entry.tenant, [entry]);
  }
  return { byTenant, repeated };
}
