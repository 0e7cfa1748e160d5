/** Goes round the book of quotas, a page at each pass, and forgets the windows that have passed: those of users who went. */
import { limits } from '@toolfleet/kernel';
import type { PostgresQuotaStore } from '@toolfleet/platform/postgres';

export class QuotaBookSweep {
  #after = '';

  constructor(private readonly book: Pick<PostgresQuotaStore, 'forgetPassed'>) {}

  async pass(): Promise<void> {
    const { next } = await this.book.forgetPassed(this.#after, limits.quotaRowsSweptAtOnce);
    this.#after = next ?? '';
  }
}
