/**
 * Requests that a gateway of this process has sent on to their tenant's desk, and that the desk has not decided yet. Of many that
 * come at once each would find the room as it was before all of them: those that come first have spoken for their places.
 */
import { TransientMap } from '@toolfleet/kernel';

/** One that took longer is with another owner, or comes again after a fault: it has spoken for nothing. */
const comingMsMax = 1_000;

export class ComingRequests {
  /** Session id to when it was sent on, the oldest first. */
  readonly #sinceMs = new TransientMap<string, number>();

  add(sessionId: string, nowMs: number): void {
    this.#sinceMs.set(sessionId, nowMs);
  }

  arrived(sessionId: string): void {
    this.#sinceMs.delete(sessionId);
  }

  count(nowMs: number): number {
    for (const [sessionId, sinceMs] of this.#sinceMs) {
      if (nowMs - sinceMs <= comingMsMax) break;
      this.#sinceMs.delete(sessionId);
    }
    return this.#sinceMs.size;
  }
}
