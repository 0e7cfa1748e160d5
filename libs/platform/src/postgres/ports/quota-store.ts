/** The book of quotas that all replicas share. Its arithmetic, and what follows from it, is the kernel's `leaseTogether`. */
import type { QuotaAsk, QuotaGrant } from '@toolfleet/kernel';

export interface QuotaStore {
  /**
   * One atomic step over all quotas asked for, each named once: each is granted at least what it needs, or none is granted
   * anything. What is brought back or charged is booked either way. Grants come in the order of the asks, by the store's
   * own clock. A step is never repeated here: after a fault nobody knows whether it was booked, and the caller must take
   * it for booked.
   */
  lease(asks: readonly QuotaAsk[]): Promise<QuotaGrant[]>;

  /** What a lease would be told now, without granting or booking anything. Answers come in the order of the questions. */
  look(asked: readonly QuotaLook[]): Promise<QuotaGrant[]>;
}

export type QuotaLook = Pick<QuotaAsk, 'id' | 'limit' | 'sliceMs' | 'need'>;
