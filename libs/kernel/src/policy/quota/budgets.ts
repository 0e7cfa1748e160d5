/**
 * What a user or a tenant may spend in a day or a month, of steps, tokens, money and time: quotas of a long window, drawn from
 * the same book as those of a minute. A window ends at no midnight: what was spent counts for 24 hours or 30 days. From that
 * follows, for any number of replicas and restarts (see window.ts):
 *
 *   never over:  but for what turns cost beyond their estimates; that is charged, and the next ones wait.
 *   under by:    one part in 16, what replicas hold unspent (an eighth each at most, back in the book a minute
 *                after the last turn), and the estimate of one turn: a turn that may not fit is not begun.
 */
import type { ModelRouteSpec, TenantSpec } from '../../catalog/manifest.js';
import type { Fault } from '../../fault.js';
import { overloaded } from '../../fault.js';
import { hexDigestOf } from '../../ids.js';
import type { ModelUsage } from '../../session/message.js';
import type { Quota, QuotaGrant } from './window.js';

export const budgetUnits = ['steps', 'tokens', 'costMicros', 'wallTimeMs'] as const;
export type BudgetUnit = (typeof budgetUnits)[number];

export const budgetWindows = { day: 24 * 3_600_000, month: 30 * 24 * 3_600_000 } as const;
export type BudgetWindow = keyof typeof budgetWindows;

/** Of each user of the tenant, or of the tenant as a whole; units without a number are not bounded. */
export interface BudgetSpec extends Readonly<Partial<Record<BudgetUnit, number | undefined>>> {
  readonly per: 'user' | 'tenant';
  readonly window: BudgetWindow;
}

/** A tenant has at most one budget of each reach and window. */
export function budgetsOf({ name, budgets = [] }: Pick<TenantSpec, 'name' | 'budgets'>, user: string): Quota[] {
  // Names of users are longer than a key may be, and nobody's business.
  const subject = (per: BudgetSpec['per']) => (per === 'tenant' ? '' : `${hexDigestOf(user).slice(0, 32)}/`);
  return budgets.flatMap((budget) =>
    budgetUnits.flatMap((unit) => {
      const limit = budget[unit];
      if (limit === undefined) return [];
      const { per, window } = budget;
      const id = `budget/${name}/${per}/${subject(per)}${window}/${unit}`;
      const quota = { id, limit, windowMs: budgetWindows[window], tenant: name, scope: `${per} ${window}`, unit };
      return [{ ...quota, budget: { per, window } }];
    }),
  );
}

/** In millionths of the currency that the route's prices are in, rounded up; 0 where it has none. */
export function costMicrosOf(
  {
    inputMicrosPerMillion = 0,
    outputMicrosPerMillion = 0,
  }: Pick<ModelRouteSpec, 'inputMicrosPerMillion' | 'outputMicrosPerMillion'>,
  { inputTokens, outputTokens }: Pick<ModelUsage, 'inputTokens' | 'outputTokens'>,
): number {
  return Math.ceil((inputTokens * inputMicrosPerMillion + outputTokens * outputMicrosPerMillion) / 1_000_000);
}

export const budgetExhausted = 'BUDGET_EXHAUSTED';

/** `state` is what the book said of the budget that takes longest to have room. */
export function budgetFault(
  { limit, unit, budget }: Quota & { readonly budget: NonNullable<Quota['budget']> },
  { remaining, retryAfterMs, resetsInMs }: Pick<QuotaGrant, 'remaining' | 'retryAfterMs' | 'resetsInMs'>,
): Fault {
  const { per, window } = budget;
  const inMs = Math.max(1, Math.ceil(retryAfterMs));
  return overloaded(
    budgetExhausted,
    `The budget of the ${per} for a ${window} is used up: ${limit} ${wordsOf[unit]}.`,
    {
      retryAfterMs: inMs,
      remainingBudget: remaining,
      hint: `There is room again in ${durationOf(inMs)}; tell the user, or have the budget raised.`,
      details: {
        ...{ budget: per, window, unit, limit: String(limit), remaining: String(remaining) },
        resetsInMs: String(Math.ceil(resetsInMs)),
      },
    },
  );
}

export const wordsOf: Readonly<Record<Quota['unit'], string>> = {
  calls: 'calls',
  steps: 'steps',
  tokens: 'tokens',
  costMicros: 'millionths of money',
  wallTimeMs: 'ms of time',
};

export function durationOf(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return ms < 2 * 3_600_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`;
}
