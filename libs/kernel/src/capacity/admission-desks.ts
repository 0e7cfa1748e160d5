/** Every tenant's share and waiting room, by the rule that policy uses. */
import type { TenantSpec } from '../catalog/manifest.js';
import { admit, placesFree } from '../policy/admission.js';
import type { SessionRequest } from '../session/session.js';
import type { TenantTraffic } from './traffic.js';
import type { Session } from './work.js';

const request: SessionRequest = { tenant: '', user: '', requestId: '', agent: 'a', input: '', roles: [], labels: {} };

/** What is sized here is the fleet: its own capacity bounds nobody. */
const roomy = { free: Infinity, places: Infinity };

export class AdmissionDesks {
  readonly #specs: readonly TenantSpec[];
  readonly #running: Int32Array;
  readonly #waiting: { readonly queue: Session[]; head: number }[];

  constructor(tenants: readonly TenantTraffic[]) {
    this.#specs = tenants.map(({ name, concurrentSessionsMax, waitingSessionsMax }) => ({
      name,
      displayName: name,
      concurrentSessionsMax,
      waitingSessionsMax,
      agents: [request.agent],
    }));
    this.#running = new Int32Array(tenants.length);
    this.#waiting = tenants.map(() => ({ queue: [], head: 0 }));
  }

  /** A session that waits comes out of `leave` later. */
  enter(session: Session, now: number): 'start' | 'wait' | 'refuse' {
    const { tenant } = session;
    const room = this.#waiting[tenant]!;
    const load = { running: this.#running[tenant]!, waiting: room.queue.length - room.head, sessionMsMean: 0 };
    const { type } = admit(request, this.#specs[tenant], load, roomy, now);
    if (type === 'start') this.#running[tenant]!++;
    if (type === 'wait') room.queue.push(session);
    return type;
  }

  /** A session has ended: the next of its tenant that may start now. */
  leave(tenant: number): Session | undefined {
    const running = --this.#running[tenant]!;
    const room = this.#waiting[tenant]!;
    if (room.head === room.queue.length || placesFree(this.#specs[tenant]!, { running }) === 0) return undefined;
    const next = room.queue[room.head++]!;
    if (room.head === room.queue.length) {
      room.queue.length = 0;
      room.head = 0;
    }
    this.#running[tenant]!++;
    return next;
  }
}
