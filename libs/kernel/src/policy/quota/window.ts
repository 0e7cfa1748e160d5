/**
 * The book of one quota that all replicas share: what was granted in each slice of the last window. A lease may be spent
 * for one slice after it was granted, so a grant counts for one window, one slice of life and the slice it lies in. From
 * that follows, for any number of replicas and wherever a window begins:
 *
 *   never over:  what is spent in any window ≤ limit. What is spent in [t, t + window) was granted in (t - slice,
 *                t + window), and the last of those grants was refused if all that it looked back on exceeded the limit.
 *   under by:    one part in 16 at most, because 32 slices share what 30 may have, and what replicas hold unspent: no
 *                more than replicas × chunk, back in the book with a replica's next request or after an idle minute,
 *                gone with a killed one.
 *
 * Only what turns out dearer than it was estimated goes beyond: it is charged after the fact, and the next ones wait.
 */
export interface Quota {
  /** Of all quotas of the fleet. */
  readonly id: string;
  readonly limit: number;
  readonly windowMs: number;
  /** For refusals and figures; empty when it concerns the whole fleet. */
  readonly tenant: string;
  /** Tool class, `*`, or what else is counted: short, from the catalogue. */
  readonly scope: string;
  readonly unit: 'calls' | 'tokens' | 'steps' | 'costMicros' | 'wallTimeMs';
  /** Of a budget: whose it is. */
  readonly budget?: { readonly per: 'user' | 'tenant'; readonly window: 'day' | 'month' } | undefined;
}

/** 30 slices of 2 s make a minute: more of them bring the last 6 % nearer and make every request longer. */
const slicesPerWindow = 30;
export const slicesKept = slicesPerWindow + 2;

/** Length of a slice, and how long a lease may be spent. */
export const sliceMsOf = ({ windowMs }: Pick<Quota, 'windowMs'>): number => Math.ceil(windowMs / slicesPerWindow);

/** What was granted, oldest slice first; the last one is `slice`, counted from the epoch. */
export interface QuotaWindow {
  readonly slice: number;
  readonly granted: readonly number[];
}

export interface QuotaAsk {
  readonly id: string;
  readonly limit: number;
  readonly sliceMs: number;
  /** Less than this is of no use; at most the limit. */
  readonly need: number;
  /** Taken when it is there; at least `need`, or 0 where only is asked whether that is there. */
  readonly want: number;
  /** Spent beyond what was granted: booked whatever the limit says. */
  readonly charge: number;
  /** Granted in `slice` and not spent. */
  readonly back?: { readonly slice: number; readonly amount: number } | undefined;
}

export interface QuotaGrant {
  readonly id: string;
  /** 0 when any of the quotas asked for together has less than is needed. */
  readonly granted: number;
  /** The slice it counts in. */
  readonly slice: number;
  /** What is left for everybody after this. */
  readonly remaining: number;
  /** Until `need` is there if nobody else takes it; 0 when it is. */
  readonly retryAfterMs: number;
  /** Until all that is spent by now counts no more. */
  readonly resetsInMs: number;
}

export const emptyWindow: QuotaWindow = { slice: 0, granted: Array.from({ length: slicesKept }, () => 0) };

/** All that is asked together is granted together or not at all; what is brought back or charged is booked either way. */
export function leaseTogether(
  asked: readonly { readonly window: QuotaWindow; readonly ask: QuotaAsk }[],
  nowMs: number,
): { readonly window: QuotaWindow; readonly grant: QuotaGrant }[] {
  const booked = asked.map(({ window, ask }) => {
    const { slice, granted } = settled(advanced(window, Math.floor(nowMs / ask.sliceMs)), ask);
    return { ask, slice, granted, free: ask.limit - sumOf(granted) };
  });
  const ok = booked.every(({ ask, free }) => free >= ask.need);
  return booked.map(({ ask, slice, granted, free }) => {
    const amount = ok ? Math.max(0, Math.min(ask.want, free)) : 0;
    const after = granted.with(-1, granted.at(-1)! + amount);
    const until = (slices: number) => (slices === 0 ? 0 : (slice + slices) * ask.sliceMs - nowMs);
    const grant = {
      id: ask.id,
      granted: amount,
      slice,
      remaining: Math.max(0, free - amount),
      retryAfterMs: until(slicesUntil(granted, ask.need - free)),
      resetsInMs: until(after.findLastIndex((one) => one > 0) + 1),
    };
    return { window: { slice, granted: after }, grant };
  });
}

/** A clock that goes back by less than a window changes nothing; by more, the book is taken as of now. */
function advanced({ slice, granted }: QuotaWindow, nowSlice: number): QuotaWindow {
  if (slice > nowSlice + slicesKept) return { slice: nowSlice, granted };
  const steps = Math.min(slicesKept, Math.max(0, nowSlice - slice));
  return {
    slice: Math.max(slice, nowSlice),
    granted: [...granted.slice(steps), ...emptyWindow.granted.slice(0, steps)],
  };
}

function settled({ slice, granted }: QuotaWindow, { back, charge }: QuotaAsk): QuotaWindow {
  const at = back ? slicesKept - 1 - (slice - back.slice) : -1;
  const credited = granted.map((one, index) => (index === at ? Math.max(0, one - back!.amount) : one));
  return { slice, granted: credited.with(-1, credited.at(-1)! + charge) };
}

/** How many of the oldest slices must leave the book until `lacking` is free. */
function slicesUntil(granted: readonly number[], lacking: number): number {
  let freed = 0;
  let slices = 0;
  while (freed < lacking && slices < granted.length) freed += granted[slices++]!;
  return slices;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);
