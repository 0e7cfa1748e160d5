/**
 * Whether a user or a tenant may begin another session. The book is asked whether a unit of each budget is left, once a second
 * at most for a user, and nothing is taken: the turns of the session draw on the budgets themselves, so a book that does not
 * answer keeps nobody out here.
 */
import type { Fault, Quota, SessionRequest, TenantSpec } from '@toolfleet/kernel';
import { budgetsOf, quotaExceeded, sliceMsOf } from '@toolfleet/kernel';
import { keepNewest } from '@toolfleet/platform';
import type { QuotaStore } from '@toolfleet/platform/postgres';

interface Known {
  readonly untilMs: number;
  readonly fault: Fault | undefined;
}

const knownForMs = 1_000;
const usersMax = 10_000;

export class AdmissionBudgets {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly store: QuotaStore,
    private readonly now: () => number = Date.now,
  ) {}

  /** BUDGET_EXHAUSTED with what remains and when there is room again; undefined while there is. */
  async fault(tenant: TenantSpec, { user }: Pick<SessionRequest, 'user'>): Promise<Fault | undefined> {
    const budgets = budgetsOf(tenant, user);
    if (budgets.length === 0) return undefined;
    const key = budgets.map(({ id, limit }) => `${id} ${limit}`).join('\n');
    const known = this.#known.get(key);
    if (known && known.untilMs > this.now()) return known.fault;
    const fault = await this.#asked(budgets).catch(() => undefined);
    keepNewest(this.#known, key, { fault, untilMs: this.now() + knownForMs }, usersMax);
    return fault;
  }

  async #asked(budgets: readonly Quota[]): Promise<Fault | undefined> {
    const asks = budgets.map((budget) => ({
      ...{ id: budget.id, limit: budget.limit, sliceMs: sliceMsOf(budget) },
      ...{ need: 1, want: 0, charge: 0 },
    }));
    const grants = await this.store.lease(asks);
    const spent = budgets
      .map((budget, at) => ({ budget, grant: grants[at]! }))
      .filter(({ grant }) => grant.retryAfterMs > 0)
      .toSorted((one, other) => other.grant.retryAfterMs - one.grant.retryAfterMs)[0];
    return spent && quotaExceeded(spent.budget, spent.grant);
  }
}
