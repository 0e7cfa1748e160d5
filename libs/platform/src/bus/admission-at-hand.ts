/**
 * Whoever owns tenants' shares in this process, for whoever takes requests in it. A request that has no chance is refused
 * right there; all others go to the owner by the bus or past it (see `HandOver`), in the order of their tenant. So a storm
 * beyond what a tenant may run and have waiting costs a look into memory and one record, the outcome.
 */
import type { SessionRequest } from '@toolfleet/kernel';

export interface AdmissionOwner {
  /**
   * Resolves when the caller is told that the session is refused. Undefined: the tenant has another owner, or the session has
   * a chance, or it is known already. One that has a chance is to be sent to the owner now, who reckons with it.
   */
  refuse(sessionId: string, request: SessionRequest): Promise<void> | undefined;
}

export class AdmissionAtHand implements AdmissionOwner {
  #owner: AdmissionOwner | undefined;

  /** From now on it is asked. */
  serve(owner: AdmissionOwner): void {
    this.#owner = owner;
  }

  refuse(sessionId: string, request: SessionRequest): Promise<void> | undefined {
    return this.#owner?.refuse(sessionId, request);
  }
}
