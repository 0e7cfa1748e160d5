/**
 * A slow call is given a second attempt, and the first answer wins: a fault of one attempt waits for the other. Whatever
 * the end, an attempt that still runs is aborted with it.
 */
import { expired } from '@toolfleet/kernel';

export type Attempt<T> = (signal: AbortSignal) => Promise<T>;

export interface HedgeOptions {
  readonly hedgeAfterMs: number;
  readonly signal: AbortSignal;
}

/** `second` is asked when the time has come; undefined means that there is no room for another attempt. */
export async function hedged<T>(
  first: Attempt<T>,
  second: () => Attempt<T> | undefined,
  { hedgeAfterMs, signal }: HedgeOptions,
): Promise<T> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const running = first(either);
    if (!(await isLate(running, hedgeAfterMs))) return await running;
    const hedge = second()?.(either);
    if (hedge === undefined) return await running;
    return await Promise.any([running, hedge]).catch(() => running);
  } finally {
    over.abort(expired('ANSWERED_ELSEWHERE', 'Another attempt answered first.'));
  }
}

async function isLate(running: Promise<unknown>, afterMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(true), afterMs);
  const settled = running.then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
