/**
 * The desks of the tenants whose admission partition this process owns. A partition that comes or goes takes its desks
 * with it: what they knew is stale, and the store knows it all.
 */
import type { Placement } from '@toolfleet/kernel';
import type { Assignment } from '@toolfleet/platform/kafka';
import type { AdmissionPorts } from './admission-ports.js';
import { TenantDesk } from './tenant-desk.js';

/** Sessions that waited too long, of all tenants, looked at in one pass. */
const expiredMax = 100;

export class TenantDesks {
  readonly #desks = new Map<string, TenantDesk>();
  readonly #owned = new Set<number>();

  constructor(
    private readonly ports: AdmissionPorts,
    private readonly placement: Placement,
  ) {}

  /** Only tenants of the catalogue get a desk to keep; names that anybody may invent must not fill the memory. */
  of(tenant: string): TenantDesk {
    let desk = this.#desks.get(tenant);
    if (!desk) {
      desk = new TenantDesk(tenant, this.ports);
      if (this.ports.tenant(tenant)) this.#desks.set(tenant, desk);
    }
    return desk;
  }

  assign({ gained, lost }: Pick<Assignment, 'gained' | 'lost'>): void {
    const changed = new Set([...gained, ...lost]);
    for (const partition of lost) this.#owned.delete(partition);
    for (const partition of gained) this.#owned.add(partition);
    for (const [tenant, desk] of this.#desks) {
      if (!changed.has(this.placement.homeOf(tenant))) continue;
      desk.close();
      this.#desks.delete(tenant);
    }
  }

  /** Takes up waiting rooms that nobody serves, repairs shares, and lets go of those that waited too long. */
  async sweep(): Promise<void> {
    for (const tenant of (await this.ports.room.counts()).keys()) {
      if (!this.#owns(tenant)) continue;
      const desk = this.of(tenant);
      // oxlint-disable-next-line no-await-in-loop -- a sweep is never in a hurry
      await desk.ready();
      desk.releaseNext();
    }
    for (const desk of [...this.#desks.values()].filter((one) => one.needsCheck)) {
      // oxlint-disable-next-line no-await-in-loop
      await desk.check();
    }
    for (const waiting of await this.ports.room.expired(this.ports.now(), expiredMax)) {
      // oxlint-disable-next-line no-await-in-loop
      if (this.#owns(waiting.tenant)) await this.of(waiting.tenant).expire(waiting.sessionId);
    }
  }

  /** Over all tenants of this process. */
  get totals(): { readonly running: number; readonly waiting: number } {
    let [running, waiting] = [0, 0];
    for (const { load } of this.#desks.values()) {
      running += load.running;
      waiting += load.waiting;
    }
    return { running, waiting };
  }

  /** Resolves when no release is under way. */
  async stop(): Promise<void> {
    for (const desk of this.#desks.values()) desk.close();
    await Promise.all([...this.#desks.values()].map((desk) => desk.idle()));
  }

  #owns(tenant: string): boolean {
    return this.#owned.has(this.placement.homeOf(tenant));
  }
}
