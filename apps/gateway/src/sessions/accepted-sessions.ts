/**
 * Sessions this process has accepted and the store does not know yet, so that a client reads what it has just written.
 * An entry goes when the session's outcome is published (the store is asked first anyway), when it is too old, or when
 * newer ones need its place: it is a courtesy, never the truth. A publisher, who is answered by nobody, has none: his session is
 * known here only until something durable answers for it, which may be after its model was asked.
 */
import type { Refusal } from '@toolfleet/kernel';
import { TransientMap } from '@toolfleet/kernel';
import type { SessionView } from './session-view.js';

/** About 0.5 KiB each: 10 MiB, or half a minute at 600 requests a second. */
const entriesMax = 20_000;
/** How long an entry counts. A session that waits longer is in the waiting room. */
export const acceptedMsMax = 10 * 60_000;

export interface AcceptedSession {
  readonly view: SessionView;
  /** Why admission refused it after all. */
  readonly refusal?: Refusal | undefined;
}

export class AcceptedSessions {
  readonly #entries = new Map<string, AcceptedSession>();
  readonly #underWay = new TransientMap<string, SessionView>();

  constructor(private readonly max: number = entriesMax) {}

  get size(): number {
    return this.#entries.size;
  }

  add(view: SessionView): void {
    this.#entries.delete(view.sessionId);
    this.#entries.set(view.sessionId, { view });
    for (const [oldest, { view: old }] of this.#entries) {
      if (this.#entries.size <= this.max && view.createdAtMs - old.createdAtMs <= acceptedMsMax) break;
      this.#entries.delete(oldest);
    }
  }

  /** A publisher's session, until `settled`. */
  begun(view: SessionView): void {
    this.#underWay.set(view.sessionId, view);
  }

  settled(sessionId: string): void {
    this.#underWay.delete(sessionId);
  }

  get(tenant: string, sessionId: string): AcceptedSession | undefined {
    const view = this.#underWay.get(sessionId);
    const entry = this.#entries.get(sessionId) ?? (view && { view });
    return entry?.view.tenant === tenant ? entry : undefined;
  }

  has(sessionId: string): boolean {
    return this.#entries.has(sessionId);
  }

  refuse(sessionId: string, refusal: Refusal, atMs: number): void {
    const entry = this.#entries.get(sessionId);
    if (!entry) return;
    this.#entries.set(sessionId, { view: { ...entry.view, status: 'rejected', updatedAtMs: atMs }, refusal });
  }

  forget(sessionId: string): void {
    this.#entries.delete(sessionId);
  }
}
