/**
 * Which quotas a call, or a model's turn, draws from: its tenant's own and those that operators set for the tenant. It
 * must have room in each, so the least decides and no manifest of a team raises what an operator has set.
 */
import type { ModelRouteSpec, QuotaCeilingSpec, TenantSpec } from '../../catalog/manifest.js';
import { globMatches, matchesAny } from '../../catalog/manifest.js';
import type { Fault } from '../../fault.js';
import { overloaded } from '../../fault.js';
import { budgetFault } from './budgets.js';
import type { Quota, QuotaGrant } from './window.js';

export const quotaWindowMs = 60_000;

export interface CalledTool {
  readonly toolClass: string;
  /** Empty when the tool has none: only `*` means it then. */
  readonly upstream: string;
}

export function quotasOfCall(
  tenant: Pick<TenantSpec, 'name' | 'quotas'>,
  ceilings: readonly QuotaCeilingSpec[],
  { toolClass, upstream }: CalledTool,
): Quota[] {
  const stated = [...(tenant.quotas ?? []), ...ceilingsOf(tenant.name, ceilings).flatMap(({ quotas }) => quotas)];
  const least = new Map<string, Quota>();
  for (const quota of stated) {
    if (!globMatches(quota.toolClass, toolClass) || !globMatches(quota.upstream, upstream)) continue;
    const id = `calls/${tenant.name}/${quota.toolClass}/${quota.upstream}`;
    const limit = Math.min(quota.callsPerMinute, least.get(id)?.limit ?? Infinity);
    const scope = quota.toolClass;
    least.set(id, { id, limit, windowMs: quotaWindowMs, tenant: tenant.name, scope, unit: 'calls' });
  }
  // In one order, so that calls of one kind share a request for their leases.
  return [...least.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** Tokens of the tenant over all routes, and of the route over the whole fleet. */
export function quotasOfModel(
  tenant: Pick<TenantSpec, 'name' | 'modelTokensPerMinute'>,
  ceilings: readonly QuotaCeilingSpec[],
  route: Pick<ModelRouteSpec, 'name' | 'tokensPerMinute'>,
): Quota[] {
  const stated = [tenant, ...ceilingsOf(tenant.name, ceilings)].map((one) => one.modelTokensPerMinute ?? Infinity);
  const quotas = [
    { id: `tokens/tenant/${tenant.name}`, limit: Math.min(...stated), tenant: tenant.name, scope: 'model' },
    { id: `tokens/route/${route.name}`, limit: route.tokensPerMinute ?? Infinity, tenant: '', scope: route.name },
  ];
  return quotas
    .filter(({ limit }) => limit < Infinity)
    .map((quota) => ({ ...quota, windowMs: quotaWindowMs, unit: 'tokens' as const }));
}

const ceilingsOf = (tenant: string, ceilings: readonly QuotaCeilingSpec[]) =>
  ceilings.filter(({ tenants }) => matchesAny(tenants, tenant));

export interface AboveCeiling {
  /** From the root of the tenant's manifest. */
  readonly path: readonly (string | number)[];
  readonly ceiling: string;
  readonly limit: number;
}

/** What of a tenant's quotas can never be reached, because all of it lies under a ceiling that is lower. */
export function aboveCeilings(tenant: TenantSpec, ceilings: readonly QuotaCeilingSpec[]): AboveCeiling[] {
  return ceilingsOf(tenant.name, ceilings).flatMap((ceiling) => {
    const calls = (tenant.quotas ?? []).flatMap((own, index) =>
      ceiling.quotas
        .filter((top) => globMatches(top.toolClass, own.toolClass) && globMatches(top.upstream, own.upstream))
        .filter((top) => top.callsPerMinute < own.callsPerMinute)
        .map((top) => above(['spec', 'quotas', index, 'callsPerMinute'], ceiling, top.callsPerMinute)),
    );
    const { modelTokensPerMinute: top = Infinity } = ceiling;
    const tokens =
      (tenant.modelTokensPerMinute ?? 0) > top ? [above(['spec', 'modelTokensPerMinute'], ceiling, top)] : [];
    return [...calls, ...tokens];
  });
}

const above = (path: AboveCeiling['path'], { name }: QuotaCeilingSpec, limit: number): AboveCeiling => ({
  path,
  ceiling: name,
  limit,
});

/** `state` is what the book said of the quota that lacks most. */
export function quotaExceeded(
  quota: Quota,
  state: Pick<QuotaGrant, 'remaining' | 'retryAfterMs' | 'resetsInMs'>,
): Fault {
  const { unit, scope, limit, windowMs, budget } = quota;
  if (budget) return budgetFault({ ...quota, budget }, state);
  const of = unit === 'calls' ? `calls of the class ${scope}` : `tokens of ${scope}`;
  return overloaded('QUOTA_EXCEEDED', `The quota of ${limit} ${of} in ${windowMs / 1_000} s is used up.`, {
    retryAfterMs: Math.max(1, Math.ceil(state.retryAfterMs)),
    hint: `There is room again in ${Math.ceil(state.retryAfterMs / 1_000)} s: answer with what you have, or say so.`,
    remainingBudget: state.remaining,
    details: {
      quota: quota.id,
      limit: String(limit),
      windowMs: String(windowMs),
      resetsInMs: String(Math.ceil(state.resetsInMs)),
    },
  });
}
