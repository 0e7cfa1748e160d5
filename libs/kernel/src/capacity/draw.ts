/** Draws from the distributions of the traffic. Every session has its own chance, so what one tenant does changes no other's draws. */
import type { Random } from '../simulation/random.js';
import type { Count, Latency } from './traffic.js';

/** The normal quantile of 0.99: what lies between p50 and p99 of a lognormal is this many sigmas. */
const sigmasToP99 = 2.326348;

export function drawMs(random: Random, { p50Ms, p99Ms }: Latency): number {
  const sigma = Math.log(p99Ms / p50Ms) / sigmasToP99;
  // Box and Muller; 1 - next() is never 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return p50Ms * Math.exp(sigma * normal);
}

/** Mean of the lognormal, for sums on paper. */
export function meanMsOf({ p50Ms, p99Ms }: Latency): number {
  const sigma = Math.log(p99Ms / p50Ms) / sigmasToP99;
  return p50Ms * Math.exp((sigma * sigma) / 2);
}

export function drawCount(random: Random, { mean, max }: Count): number {
  if (mean <= 1) return 1;
  const more = Math.floor(Math.log(1 - random.next()) / Math.log(1 - 1 / mean));
  return Math.min(max, 1 + more);
}

/** Until the next arrival of a Poisson stream. */
export function drawGapMs(random: Random, perS: number): number {
  return (-Math.log(1 - random.next()) / perS) * 1_000;
}
