/** The figures of a consumer and what they say about its health. Pure reads; the hot path only keeps counters. */
import type { ConsumerHealth, ConsumerLimits, ConsumerStats, PartitionStats } from './consumer-options.js';
import type { PartitionInHand } from './hand.js';

export function limitsOf(limits: ConsumerLimits = {}): Required<ConsumerLimits> {
  return {
    concurrency: 64,
    waitingMax: 512,
    waitingBytesMax: 4 * 1024 * 1024,
    gapMax: 10_000,
    attemptsMax: 40,
    redoMsMax: 5 * 60_000,
    handlerMsMax: 15 * 60_000,
    stalledMsMax: 2 * 60_000,
    ...limits,
  };
}

/** How full a partition is: 1 pauses it, 0.5 lets it flow again. */
export function fillOf({ lanes, tracker }: PartitionInHand, limits: Required<ConsumerLimits>): number {
  return Math.max(
    lanes.waiting / limits.waitingMax,
    lanes.waitingBytes / limits.waitingBytesMax,
    tracker.gap / limits.gapMax,
  );
}

export function figuresOf(
  partitions: Iterable<PartitionInHand>,
  isPaused: (partition: PartitionInHand) => boolean,
): Pick<ConsumerStats, 'waiting' | 'waitingBytes' | 'oldestMs' | 'lag' | 'partitions'> {
  const nowMs = Date.now();
  const rows = Array.from(partitions, (entry): PartitionStats => {
    const { topic, partition, lanes, tracker, highWatermark } = entry;
    return {
      topic,
      partition,
      waiting: lanes.waiting,
      waitingBytes: lanes.waitingBytes,
      gap: tracker.gap,
      oldestMs: tracker.oldestMs(nowMs),
      lag: tracker.next < 0 ? 0 : Math.max(0, highWatermark - tracker.committable),
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
  const hasIdleWork = stats.inFlight === 0 && stats.partitions.some((row) => row.lag > 0 && !row.paused);
  if (hasIdleWork && isOld(facts.lastProgressAtMs))
    return { ready: true, live: false, reason: 'work waits and none runs' };
  return { ready: true, live: true, reason: 'joined' };
}
