/**
 * Whether a user or a tenant may begin another session. The book is asked whether a unit of each budget is left, and nothing is
 * taken: the turns of the session draw on the budgets themselves, so a book that does not answer keeps nobody out here. What it
 * said is known for a second; for a minute where half of a budget was left and more than some sessions may spend. Whoever spends
 * that within the minute is refused at his next turn instead.
 */
import type { BudgetUnit, Fault, Quota, QuotaGrant, SessionRequest, TenantSpec } from '@toolfleet/kernel';
import { limits, quotaExceeded, sliceMsOf, keepNewest } from '@toolfleet/kernel';
import type { QuotaStore } from '@toolfleet/platform/postgres';
import { KnownBudgets } from '@toolfleet/platform/quota';

interface Known {
  untilMs: number;
  readonly limit: number;
  /** Undefined where the book did not answer. */
  readonly grant: Promise<QuotaGrant | undefined>;
}

const knownForMs = 1_000;
/** Of 1,000 users who begin 400 sessions a second these are 17 questions instead of 400. */
const ampleForMs = 60_000;
const ampleShare = 0.5;
/** What ten sessions may spend that come up to their limits. Money has no such limit of its own: one of the currency each. */
const ampleLeast: Readonly<Record<BudgetUnit, number>> = {
  steps: 10 * limits.stepsMax,
  tokens: 10 * limits.tokensMax,
  wallTimeMs: 10 * limits.wallTimeMs,
  costMicros: 10 * 1_000_000,
};
const budgetsMax = 50_000;

export class AdmissionBudgets {
  readonly #budgets = new KnownBudgets();
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly store: Pick<QuotaStore, 'look'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** BUDGET_EXHAUSTED with what remains and when there is room again; undefined while there is. */
  async fault(tenant: TenantSpec, { user }: Pick<SessionRequest, 'user'>): Promise<Fault | undefined> {
    const budgets = this.#budgets.of(tenant, user);
    if (budgets.length === 0) return undefined;
    this.#look(budgets);
    const grants = await Promise.all(budgets.map(({ id }) => this.#known.get(id)?.grant));
    const [spent] = budgets
      .flatMap((budget, at) => (grants[at]?.retryAfterMs ? [{ budget, grant: grants[at] }] : []))
      .toSorted((one, other) => other.grant.retryAfterMs - one.grant.retryAfterMs);
    return spent && quotaExceeded(spent.budget, spent.grant);
  }

  #look(budgets: readonly Quota[]): void {
    const nowMs = this.now();
    const asked = budgets.filter(({ id, limit }) => {
      const known = this.#known.get(id);
      return !known || known.untilMs <= nowMs || known.limit !== limit;
    });
    if (asked.length === 0) return;
    const looks = asked.map((budget) => {
      return { id: budget.id, limit: budget.limit, sliceMs: sliceMsOf(budget), need: 1 };
    });
    const answered = this.store.look(looks).catch(() => []);
    for (const [at, { id, limit, unit }] of asked.entries()) {
      const ample = Math.max(limit * ampleShare, ampleLeast[unit as BudgetUnit]);
      const grant = answered.then((grants) => {
        const told = grants[at];
        if (told && told.remaining >= ample) known.untilMs = nowMs + ampleForMs;
        return told;
      });
      const known: Known = { untilMs: nowMs + knownForMs, limit, grant };
      keepNewest(this.#known, id, known, budgetsMax);
    }
  }
}
