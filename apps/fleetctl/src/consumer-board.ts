/** One row for each partition of each group, from what the groups, the processes and the operators say. Pure. */
import type { ConsumerStatus, PartitionStatus } from '@toolfleet/contracts';
import { concurrencyChange, flowChange } from '@toolfleet/kernel';
import type { TunedConsumer, TuningChange } from '@toolfleet/kernel';
import type { GroupMemberFacts } from '@toolfleet/platform/kafka';

export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly ageMs: number;
  readonly owner: GroupMemberFacts | undefined;
  /** What the owner last told; absent when it never did. */
  readonly status: ConsumerStatus | undefined;
  readonly known: PartitionStatus | undefined;
}

export interface GroupView {
  readonly consumer: TunedConsumer;
  readonly group: string;
  readonly partitions: readonly PartitionView[];
}

export interface Said {
  readonly by: string;
  readonly reason: string;
  readonly until: string;
}

export interface ConsumerRow {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The process, or what the broker knows of the member; absent when nobody owns the partition. */
  readonly owner?: string | undefined;
  readonly lagRecords: number;
  readonly lagSeconds: number;
  /** From the owner's last status; absent without one. */
  readonly inFlight?: number | undefined;
  readonly held?: number | undefined;
  readonly blocked?: boolean | undefined;
  readonly concurrency?: number | undefined;
  readonly configuredConcurrency?: number | undefined;
  /** How old that status is. */
  readonly statusSeconds?: number | undefined;
  readonly concurrencyBy?: Said | undefined;
  /** Who paused it, all of it (no tenant) or some tenants. */
  readonly paused: readonly (Said & { readonly tenant?: string })[];
}

export function rowsOf(groups: readonly GroupView[], changes: readonly TuningChange[], now: number): ConsumerRow[] {
  return groups.flatMap(({ consumer, group, partitions }) =>
    partitions.map((view): ConsumerRow => {
      const { topic, partition, lag, ageMs, owner, status, known } = view;
      const set = concurrencyChange(changes, consumer, now);
      return {
        group,
        topic,
        partition,
        owner: status?.instance ?? (owner && `${owner.clientId} ${owner.host}`),
        lagRecords: lag,
        lagSeconds: Math.round(ageMs / 1000),
        inFlight: known?.inFlight,
        held: known?.held,
        blocked: known?.blocked,
        concurrency: status?.concurrency,
        configuredConcurrency: status?.configuredConcurrency,
        statusSeconds: status && Math.round((now - status.atMs) / 1000),
        concurrencyBy: set && saidBy(set),
        paused: pausesOf(changes, { ...consumer, partition }, now),
      };
    }),
  );
}

function pausesOf(changes: readonly TuningChange[], scope: TunedConsumer & { partition: number }, now: number) {
  const tenants = [undefined, ...new Set(changes.flatMap(({ target }) => target.tenant ?? []))];
  return tenants.flatMap((tenant) => {
    const change = flowChange(changes, { ...scope, tenant }, now);
    // A tenant that only shares the pause of all is no row of its own.
    if (change?.action !== 'pause' || change.target.tenant !== tenant) return [];
    return [{ ...(tenant === undefined ? {} : { tenant }), ...saidBy(change) }];
  });
}

const saidBy = ({ actor, reason, expiresAtMs }: TuningChange): Said => ({
  by: actor,
  reason,
  until: new Date(expiresAtMs).toISOString(),
});
