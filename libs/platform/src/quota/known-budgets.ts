/** Of each user the budgets that hold: made once, because every turn asks for them. */
import type { Quota, TenantSpec } from '@toolfleet/kernel';
import { budgetsOf, keepNewest } from '@toolfleet/kernel';

/** Of one tenant. */
const usersMax = 10_000;
const none: readonly Quota[] = [];

export class KnownBudgets {
  /** A changed tenant is another object. */
  readonly #ofTenants = new WeakMap<TenantSpec, Map<string, readonly Quota[]>>();

  of(tenant: TenantSpec, user: string): readonly Quota[] {
    if (!tenant.budgets) return none;
    let ofUsers = this.#ofTenants.get(tenant);
    if (!ofUsers) this.#ofTenants.set(tenant, (ofUsers = new Map()));
    let budgets = ofUsers.get(user);
    if (!budgets) keepNewest(ofUsers, user, (budgets = budgetsOf(tenant, user)), usersMax);
    return budgets;
  }
}
