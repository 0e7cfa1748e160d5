/** Waits that have an end. */
import { setTimeout as sleep } from 'node:timers/promises';

/** False when the work has not ended by then: it goes on, but nobody waits for it. Rejects when the work does in time. */
export async function endsWithin(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  const inTime = new AbortController();
  const late = sleep(withinMs, false, { signal: inTime.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    inTime.abort();
  }
}

export interface BackOff {
  readonly first: number;
  readonly max: number;
}

/** The pause after so many failures: twice the one before, up to a bound, and of that between half and all. Never rejects. */
export async function backOff(failures: number, { first, max }: BackOff, signal: AbortSignal): Promise<void> {
  const limitMs = Math.min(max, first * 2 ** Math.min(failures, 10));
  await sleep(limitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}

const timerMsMax = 2 ** 31 - 1;

export interface WaitEnds {
  /** Absent: the time has no end of its own. */
  readonly withinMs?: number;
  /** What the wait rejects with when the time is over. */
  readonly late?: () => unknown;
  readonly signal?: AbortSignal | undefined;
  /** What it rejects with when the signal aborts. */
  readonly aborted?: () => unknown;
}

/** The end of this wait, not of what is waited for: that goes on, and nobody hears of how it ends. */
export async function waitFor<T>(work: Promise<T>, { withinMs, late, signal, aborted }: WaitEnds): Promise<T> {
  const over = Promise.withResolvers<never>();
  const abort = (): void => over.reject(aborted?.() ?? signal?.reason);
  const timer =
    withinMs === undefined ? undefined : setTimeout(() => over.reject(late?.()), Math.min(timerMsMax, withinMs));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  // The loser of the race may still fail.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
