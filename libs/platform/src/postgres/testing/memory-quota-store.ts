/** The kernel's own arithmetic as a store: what Postgres is compared with, and what specs without a database use. */
import type { QuotaAsk, QuotaGrant, QuotaWindow } from '@toolfleet/kernel';
import { emptyWindow, leaseTogether } from '@toolfleet/kernel';
import type { QuotaLook, QuotaStore } from '../ports/quota-store.js';

export class MemoryQuotaStore implements QuotaStore {
  readonly #windows = new Map<string, QuotaWindow>();
  /** Round trips so far. */
  leases = 0;
  looks = 0;

  constructor(private readonly now: () => number = Date.now) {}

  async lease(asks: readonly QuotaAsk[]): Promise<QuotaGrant[]> {
    this.leases += 1;
    return this.#asked(asks).map(({ window, grant }) => {
      this.#windows.set(grant.id, window);
      return grant;
    });
  }

  async look(asked: readonly QuotaLook[]): Promise<QuotaGrant[]> {
    this.looks += 1;
    return asked.flatMap((look) => this.#asked([{ ...look, want: 0, charge: 0 }]).map(({ grant }) => grant));
  }

  #asked(asks: readonly QuotaAsk[]) {
    const asked = asks.map((ask) => ({ ask, window: this.#windows.get(ask.id) ?? emptyWindow }));
    return leaseTogether(asked, this.now());
  }
}
