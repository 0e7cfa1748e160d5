/**
 * Whether a user or a tenant may begin another session. The book is asked whether a unit of each budget is left, once a second
 * at most for a user and for a tenant, and nothing is taken: the turns of the session draw on the budgets themselves, so a book
 * that does not answer keeps nobody out here.
 */
import type { Fault, Quota, QuotaGrant, SessionRequest, TenantSpec } from '@toolfleet/kernel';
import { quotaExceeded, sliceMsOf } from '@toolfleet/kernel';
import { keepNewest } from '@toolfleet/platform';
import type { QuotaStore } from '@toolfleet/platform/postgres';
import { KnownBudgets } from '@toolfleet/platform/quota';

interface Known {
  readonly untilMs: number;
  readonly limit: number;
  /** Undefined where the book did not answer. */
  readonly grant: Promise<QuotaGrant | undefined>;
}

const knownForMs = 1_000;
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
    for (const [at, { id, limit }] of asked.entries()) {
      const grant = answered.then((grants) => grants[at]);
      keepNewest(this.#known, id, { untilMs: nowMs + knownForMs, limit, grant }, budgetsMax);
    }
  }
}
