/**
 * How far two storms reach, counted on the real placement. A tenant is touched when a partition of its span is also one of
 * theirs, and enclosed when all of them are: it then has no session that they do not meet.
 */
import { Random } from '../simulation/random.js';
import { spanOf } from '../tenancy/placement.js';

export interface Reach {
  readonly span: number;
  /** Shares of the other tenants, 0 to 1. */
  readonly touched: number;
  readonly enclosed: number;
}

/** Spans that are worth asking about: every further partition touches more tenants. */
export const spanMax = 8;
/** Enough for a figure of 0.1 %. */
const tenantsMax = 1_000;
const stormPairs = 200;

/** For each span from 1 to `spanMax`. Files with few tenants are asked with made-up ones, so that shares mean something. */
export function reachOfTwoStorms(names: readonly string[], partitions: number, seed: number): Reach[] {
  const tenants =
    names.length >= 100 ? names.slice(0, tenantsMax) : Array.from({ length: tenantsMax }, (_, at) => `t${at}`);
  const widest = Math.min(spanMax, partitions);
  // The best scores come first, so a narrower span is the beginning of a wider one.
  const spans = tenants.map((name) => spanOf(name, partitions, widest));
  return Array.from({ length: widest }, (_, at) => reachAt(at + 1, spans, partitions, new Random(seed)));
}

function reachAt(span: number, spans: readonly (readonly number[])[], partitions: number, random: Random): Reach {
  let [touched, enclosed] = [0, 0];
  for (let pair = 0; pair < stormPairs; pair++) {
    const hit = new Uint8Array(partitions);
    const storms = [random.pick(spans), random.pick(spans)];
    for (const storm of storms) for (const partition of storm.slice(0, span)) hit[partition] = 1;
    for (const tenant of spans) {
      if (storms.includes(tenant)) continue;
      let met = 0;
      for (let at = 0; at < span; at++) met += hit[tenant[at]!]!;
      if (met > 0) touched++;
      if (met === span) enclosed++;
    }
  }
  const asked = stormPairs * (spans.length - 2);
  return { span, touched: touched / asked, enclosed: enclosed / asked };
}
