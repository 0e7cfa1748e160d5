/**
 * Which calls are not worth running because their queue stands too old, after CoDel: age, not length, tells a burst from
 * overload. A queue whose calls start older than the target for a whole interval is shed down to the target, oldest first,
 * and its first call below the target, or one that found it empty, ends that. One state for each class and tenant: whoever causes the age pays for it.
 *
 *   calm ── older than the target ──▶ above ── still, after the interval ──▶ shedding
 *    ▲                                  │                                       │
 *    └─────────── one that is not ──────┴───────────────────────────────────────┘
 */
import type { Fault } from '../fault.js';
import { degraded } from '../degraded.js';
import { overloaded } from '../fault.js';
import { limits } from '../limits.js';

export interface QueueAgeTarget {
  /** Age at the start of a call that is still fine; 0 sheds nothing. */
  readonly targetMs: number;
  /** How long the queue must stand above the target before anything is shed. */
  readonly intervalMs: number;
}

/** A queue all of whose calls start above the target; absent while it is calm. */
export interface StandingQueue {
  readonly sinceMs: number;
  readonly lastStartAtMs: number;
}

export interface QueueAgeVerdict {
  readonly standing: StandingQueue | undefined;
  /** What the call ends in instead of being run. */
  readonly shed: Fault | undefined;
}

export function judgeQueueAge(
  standing: StandingQueue | undefined,
  ageMs: number,
  { targetMs, intervalMs }: QueueAgeTarget,
  now: number,
): QueueAgeVerdict {
  if (targetMs === 0 || ageMs <= targetMs) return { standing: undefined, shed: undefined };
  // Sent after the last one started, it found nobody before it: two late calls an hour apart are no standing queue.
  const foundEmpty = standing === undefined || now - ageMs > standing.lastStartAtMs;
  const sinceMs = foundEmpty ? now : standing.sinceMs;
  const shed = now - sinceMs < intervalMs ? undefined : tooOld(ageMs, targetMs, intervalMs);
  return { standing: { sinceMs, lastStartAtMs: now }, shed };
}

/** The queue needs at least the time that it is too old by, and the interval that shows it calm. */
function tooOld(ageMs: number, targetMs: number, intervalMs: number): Fault {
  const retryAfterMs = Math.min(ageMs - targetMs + intervalMs, limits.queueTooOldRetryMsMax);
  const message = 'The call waited too long in a queue that does not get shorter; it was not run.';
  const details = { ageMs: String(ageMs), targetMs: String(targetMs) };
  return degraded('toolClass', overloaded('QUEUE_TOO_OLD', message, { retryAfterMs, details }));
}
