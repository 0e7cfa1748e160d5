/**
 * Which calls are not worth running because their queue stands too old, after CoDel: age, not length, tells a burst from
 * overload. A queue whose calls start older than the target for a whole interval is shed down to the target, oldest first,
 * and its first call below the target, or one that found it empty, ends that. Each priority has its own target: low is shed
 * at half of it, so that the others need not be, and high only shortly before its calls would be lost anyway. One state for
 * each class and tenant: whoever causes the age pays for it, and a tenant's priorities are its own.
 *
 *   calm ── older than the target ──▶ above ── still, after the interval ──▶ shedding      (for each priority)
 *    ▲                                  │                                       │
 *    └─────────── one that is not ──────┴───────────────────────────────────────┘
 */
import type { Fault } from '../fault.js';
import { degraded } from '../degraded.js';
import { overloaded } from '../fault.js';
import { limits } from '../limits.js';
import type { SessionPriority } from '../session/session.js';

export interface QueueAgeTarget {
  /** Age at the start of a call that is still fine; 0 sheds nothing. */
  readonly targetMs: number;
  /** How long the queue must stand above the target before anything is shed. */
  readonly intervalMs: number;
}

/** A queue all of whose calls start above the lowest target; absent while it is calm. */
export interface StandingQueue {
  /** Since when above the target of each priority; absent: it is not. */
  readonly sinceMs: Readonly<Record<SessionPriority, number | undefined>>;
  readonly lastStartAtMs: number;
}

export interface QueueAgeVerdict {
  readonly standing: StandingQueue | undefined;
  /** What the call ends in instead of being run. */
  readonly shed: Fault | undefined;
}

export interface StartingCall {
  readonly ageMs: number;
  readonly priority: SessionPriority;
}

export function judgeQueueAge(
  standing: StandingQueue | undefined,
  { ageMs, priority }: StartingCall,
  { targetMs, intervalMs }: QueueAgeTarget,
  now: number,
): QueueAgeVerdict {
  const targetMsOf = (one: SessionPriority): number => targetMs * limits.queueAgeTargetShares[one];
  if (targetMs === 0 || ageMs <= targetMsOf('low')) return { standing: undefined, shed: undefined };
  // Sent after the last one started, it found nobody before it: two late calls an hour apart are no standing queue.
  const foundEmpty = standing === undefined || now - ageMs > standing.lastStartAtMs;
  const since = (one: SessionPriority): number | undefined => {
    if (ageMs <= targetMsOf(one)) return undefined;
    return foundEmpty ? now : (standing.sinceMs[one] ?? now);
  };
  const sinceMs = { low: since('low'), normal: since('normal'), high: since('high') };
  const ownMs = sinceMs[priority];
  const isShed = ownMs !== undefined && now - ownMs >= intervalMs;
  const shed = isShed ? tooOld(ageMs, priority, targetMsOf(priority), intervalMs) : undefined;
  return { standing: { sinceMs, lastStartAtMs: now }, shed };
}

/** The queue needs at least the time that it is too old by, and the interval that shows it calm. */
function tooOld(ageMs: number, priority: SessionPriority, targetMs: number, intervalMs: number): Fault {
  const retryAfterMs = Math.min(ageMs - targetMs + intervalMs, limits.queueTooOldRetryMsMax);
  const message = 'The call waited too long in a queue that does not get shorter; it was not run.';
  const details = { ageMs: String(ageMs), targetMs: String(targetMs), priority };
  return degraded('toolClass', overloaded('QUEUE_TOO_OLD', message, { retryAfterMs, details }));
}
