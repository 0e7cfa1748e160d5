/**
 * Room for a model's turn in the budgets of its user and tenant: taken ahead by an estimate, settled with what the turn took.
 * While the leases of this process have room that is memory only. A turn without room is not asked for, and not waited for:
 * a day is longer than any session.
 */
import type { BudgetLeft, BudgetUnit, Catalogue, ModelAnswer, ModelRouteSpec, Quota, Session } from '@toolfleet/kernel';
import { costMicrosOf } from '@toolfleet/kernel';
import type { ModelRequest } from '@toolfleet/platform/model';
import { KnownBudgets, type QuotaLeases } from '@toolfleet/platform/quota';
import { estimateOf, outputTokensGuess } from './token-quotas.js';

export interface TurnRoom {
  settle(answer: ModelAnswer): void;
  /** Nobody was asked, or nothing is owed. */
  release(): void;
}

const noRoom: TurnRoom = { settle: () => undefined, release: () => undefined };

export class SessionBudgets {
  readonly #known = new KnownBudgets();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly leases: Pick<QuotaLeases, 'take' | 'left'>,
  ) {}

  /** Faults `overloaded`: BUDGET_EXHAUSTED, QUOTA_UNAVAILABLE. */
  async enter(session: Session, route: ModelRouteSpec, request: ModelRequest): Promise<TurnRoom> {
    const budgets = this.#of(session);
    if (budgets.length === 0) return noRoom;
    const estimate = estimatesOf(route, request);
    // An estimate of nothing asks whether anything is left.
    const taken = this.leases.take(budgets, ({ unit }) => Math.max(1, estimate[unit as BudgetUnit]));
    const room = taken instanceof Promise ? await taken : taken;
    return {
      release: () => room.settle(0),
      settle: (answer) => {
        const amounts = amountsOf(session, answer, estimate.tokens);
        room.settle(({ unit }) => amounts[unit as BudgetUnit]);
      },
    };
  }

  /** Of the session's user and tenant, as far as this process knows. */
  left(session: Session): BudgetLeft[] {
    const known: BudgetLeft[] = [];
    for (const quota of this.#of(session)) {
      const left = this.leases.left(quota);
      if (left === undefined || !quota.budget) continue;
      const { per, window } = quota.budget;
      known.push({ per, window, unit: quota.unit as BudgetUnit, limit: quota.limit, left });
    }
    return known;
  }

  #of({ request: { tenant, user } }: Session): readonly Quota[] {
    const spec = this.catalogue.get('Tenant', tenant);
    return spec ? this.#known.of(spec, user) : [];
  }
}

function estimatesOf(route: ModelRouteSpec, request: ModelRequest): Record<BudgetUnit, number> {
  const tokens = estimateOf(request);
  const outputTokens = Math.min(tokens, outputTokensGuess);
  const costMicros = costMicrosOf(route, { inputTokens: tokens - outputTokens, outputTokens });
  return { steps: 1, tokens, costMicros, wallTimeMs: 1 };
}

/** Some servers count no tokens; then the estimate stands. Time is that of the last wave of calls and of the turn. */
function amountsOf(session: Session, { usage }: ModelAnswer, estimated: number): Record<BudgetUnit, number> {
  const tokens = usage.inputTokens + usage.outputTokens || estimated;
  const sinceMs = session.turn === session.runFirstTurn ? session.updatedAtMs : session.waveAtMs;
  return { steps: 1, tokens, costMicros: usage.costMicros ?? 0, wallTimeMs: Math.max(0, Date.now() - sinceMs) };
}
