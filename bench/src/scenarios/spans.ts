/** Tenants by where their records lie, see `Placement`: who shares the most with another, and who nothing at all. */
import { limits, Placement } from '@toolfleet/kernel';
import { tenantPrefix } from './catalog.js';

/** Of eight partitions one span in 70 has none of another's four: a thousand names hold both kinds for certain. */
const namesMax = 1_000;

export function neighboursOf(tenant: string): { readonly near: string; readonly far: string } {
  const placement = new Placement(limits.partitions, limits.tenantSpan);
  const names = Array.from({ length: namesMax }, (_, index) => `${tenantPrefix}quiet-${index}`);
  const span = placement.span(tenant);
  const near = names.find((name) => placement.homeOf(name) === placement.homeOf(tenant));
  const far = names.find((name) => placement.span(name).every((partition) => !span.includes(partition)));
  return { near: near ?? '', far: far ?? '' };
}
