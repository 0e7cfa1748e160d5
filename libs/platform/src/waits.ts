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
