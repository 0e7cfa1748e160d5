/** The figures of a consumer and what they say about its health. Pure reads; the hot path only keeps counters. */
import { heldIn, limits as fleetLimits } from '@toolfleet/kernel';
import type { ConsumerHealth, ConsumerLimits, ConsumerStats, PartitionStats, TenantAge } from './consumer-options.js';
import type { PartitionInHand } from './hand.js';

export function limitsOf(limits: ConsumerLimits = {}): Required<ConsumerLimits> {
  return {
    concurrency: 64,
    waitingMax: 512,
    waitingBytesMax: 4 * 1024 * 1024,
    gapMax: 10_000,
    heldMax: 5_000,
    heldBytesMax: 8 * 1024 * 1024,
    attemptsMax: 40,
    redoMsMax: 5 * 60_000,
    handlerMsMax: 15 * 60_000,
    stalledMsMax: 2 * 60_000,
    ...limits,
  };
}

/** How full a partition is: 1 pauses it, 0.5 lets it flow again. What is held has a bound of its own beside the others'. */
export function fillOf({ lanes, gap }: PartitionInHand, limits: Required<ConsumerLimits>): number {
  const held = heldIn(lanes);
  return Math.max(
    (lanes.waiting - held.records) / limits.waitingMax,
    (lanes.waitingBytes - held.bytes) / limits.waitingBytesMax,
    held.records / limits.heldMax,
    held.bytes / limits.heldBytesMax,
    gap / limits.gapMax,
  );
}

export function figuresOf(
  partitions: Iterable<PartitionInHand>,
  isPaused: (partition: PartitionInHand) => boolean,
): Pick<ConsumerStats, 'waiting' | 'waitingBytes' | 'oldestMs' | 'lag' | 'partitions'> {
  const nowMs = Date.now();
  const rows = Array.from(partitions, (entry): PartitionStats => {
    const { topic, partition, lanes, tracker, highWatermark, gap, oldest } = entry;
    const held = heldIn(lanes).records;
    return {
      topic,
      partition,
      waiting: lanes.waiting,
      waitingBytes: lanes.waitingBytes,
      gap,
      oldestMs: oldest === undefined ? 0 : Math.max(0, nowMs - oldest.takenAtMs),
      queueAgeMs: oldest === undefined ? 0 : ageOf(oldest.record, nowMs),
      lag: tracker.next < 0 ? 0 : Math.max(0, highWatermark - tracker.committable),
      inFlight: lanes.running,
      held,
      blocked: entry.isFull && held > 0,
      paused: isPaused(entry),
    };
  });
  const sum = (of: (row: PartitionStats) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    waiting: sum((row) => row.waiting),
    waitingBytes: sum((row) => row.waitingBytes),
    oldestMs: rows.reduce((oldest, row) => Math.max(oldest, row.oldestMs), 0),
    lag: sum((row) => row.lag),
    partitions: rows,
  };
}

/** The producer's clock may be ahead of ours. */
const ageOf = ({ timestampMs }: { readonly timestampMs: number }, nowMs: number) => Math.max(0, nowMs - timestampMs);

/**
 * The known tenants whose oldest unfinished record is oldest, of each topic; all others together are `other`, because
 * whoever publishes can name any tenant.
 */
export function tenantAgesOf(partitions: Iterable<PartitionInHand>, isKnown: (tenant: string) => boolean): TenantAge[] {
  const nowMs = Date.now();
  const topics = new Map<string, Map<string, number>>();
  for (const partition of partitions) {
    const ages = topics.get(partition.topic) ?? new Map<string, number>();
    topics.set(partition.topic, ages);
    for (const { tenant, record } of partition.unfinished()) {
      ages.set(tenant, Math.max(ages.get(tenant) ?? 0, ageOf(record, nowMs)));
    }
  }
  return [...topics].flatMap(([topic, ages]) => {
    const oldest = [...ages].toSorted(([, a], [, b]) => b - a);
    const named = oldest.filter(([tenant]) => isKnown(tenant)).slice(0, fleetLimits.tenantLabelsMax);
    const others = oldest.filter((entry) => !named.includes(entry)).slice(0, 1);
    return [...named, ...others.map(([, age]) => ['other', age] as const)].map(([tenant, queueAgeMs]) => {
      return { topic, tenant, queueAgeMs };
    });
  });
}

export interface HealthFacts {
  readonly stats: ConsumerStats;
  readonly state: 'new' | 'joining' | 'joined' | 'draining' | 'stopped';
  readonly lastPollAtMs: number;
  readonly lastProgressAtMs: number;
  /** Since when a commit is due; 0 when none is. */
  readonly dirtySinceMs: number;
  readonly stalledMsMax: number;
}

export function healthOf(facts: HealthFacts): ConsumerHealth {
  const { stats, state, stalledMsMax } = facts;
  if (state !== 'joined') return { ready: false, live: true, reason: state };
  const nowMs = Date.now();
  const isOld = (sinceMs: number) => nowMs - sinceMs > stalledMsMax;
  if (isOld(facts.lastPollAtMs)) return { ready: false, live: false, reason: 'the fetch loop is silent' };
  if (facts.dirtySinceMs !== 0 && isOld(facts.dirtySinceMs)) {
    return { ready: true, live: false, reason: 'nothing finished is committed' };
  }
  // With handlers running, their own deadline is the detector; without any, work that lies still is a stall.
  // What an operator holds lies still because it should.
  const hasIdleWork =
    stats.inFlight === 0 &&
    stats.partitions.some((row) => row.lag > 0 && !row.paused && (row.held === 0 || row.waiting > row.held));
  if (hasIdleWork && isOld(facts.lastProgressAtMs))
    return { ready: true, live: false, reason: 'work waits and none runs' };
  return { ready: true, live: true, reason: 'joined' };
}
