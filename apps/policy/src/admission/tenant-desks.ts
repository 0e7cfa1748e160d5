/**
 * The desks of the tenants whose admission partition this process owns. A partition that comes or goes takes its desks
 * with it: what they knew is stale, and the store knows it all.
 */
import type { Placement, SessionRequest } from '@toolfleet/kernel';
import type { Assignment } from '@toolfleet/platform/kafka';
import type { AdmissionPorts } from './admission-ports.js';
import { TenantDesk } from './tenant-desk.js';

export interface TenantFigures {
  readonly tenant: string;
  readonly running: number;
  readonly waiting: number;
  /** How long the oldest of those that wait has done so; as exact as sweeps are frequent. */
  readonly oldestWaitMs: number;
}

/** Sessions that waited too long, of all tenants, looked at in one pass. */
const expiredMax = 100;

export class TenantDesks {
  readonly #desks = new Map<string, TenantDesk>();
  readonly #owned = new Set<number>();
  #assignments = 0;
  #adopting: Promise<void> = Promise.resolve();

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

  /** Of a tenant that this process owns: refuses the request if it has no chance at this moment; see `TenantDesk`. */
  refuse(sessionId: string, request: SessionRequest): Promise<void> | undefined {
    return this.#desks.get(request.tenant)?.refuseAtOnce(sessionId, request);
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
    if (gained.length > 0) this.ports.fleet.hold();
    this.#assignments++;
    this.ports.fleet.own(this.#owned.size, this.placement.partitions);
    this.#adopting = this.#adopt().catch((error: unknown) =>
      this.ports.log.warn({ err: error }, 'running sessions not counted yet; the next sweep tries again'),
    );
  }

  /**
   * Sessions that run already hold places of the fleet, also those of tenants that ask for nothing at present. Those that
   * wait are served once all are counted; an assignment that comes meanwhile begins anew.
   */
  async #adopt(): Promise<void> {
    const assignments = this.#assignments;
    for (const tenant of this.ports.tenants()) {
      // oxlint-disable-next-line no-await-in-loop -- nobody waits for it, and the database has others to serve
      if (this.#owns(tenant)) await this.of(tenant).ready();
    }
    if (assignments === this.#assignments) this.ports.fleet.resume();
  }

  /** Takes up waiting rooms that nobody serves, repairs shares, and lets go of those that waited too long. */
  async sweep(): Promise<void> {
    await this.#adopt();
    const intervals = new Map<string, number>();
    const askedAtMs = this.ports.now();
    for (const [tenant, { waiting, oldestEnteredAtMs }] of await this.ports.room.counts()) {
      if (!this.#owns(tenant)) continue;
      const desk = this.of(tenant);
      // oxlint-disable-next-line no-await-in-loop -- a sweep is never in a hurry
      await desk.ready();
      desk.oldestEnteredAtMs = oldestEnteredAtMs;
      desk.reckon(waiting, askedAtMs);
      desk.releaseNext();
      const intervalMs = desk.releaseIntervalMs;
      if (intervalMs !== undefined) intervals.set(tenant, intervalMs);
    }
    await this.ports.room.setIntervals(intervals, this.ports.now());
    for (const desk of [...this.#desks.values()].filter((one) => one.needsCheck)) {
      // oxlint-disable-next-line no-await-in-loop
      await desk.check();
    }
    for (const waiting of await this.ports.room.expired(this.ports.now(), expiredMax)) {
      // oxlint-disable-next-line no-await-in-loop
      if (this.#owns(waiting.tenant)) await this.of(waiting.tenant).expire(waiting.sessionId);
    }
  }

  figures(): readonly TenantFigures[] {
    const now = this.ports.now();
    return [...this.#desks.values()].map(({ tenant, load: { running, waiting }, oldestEnteredAtMs }) => {
      const oldestWaitMs = waiting > 0 && oldestEnteredAtMs > 0 ? Math.max(0, now - oldestEnteredAtMs) : 0;
      return { tenant, running, waiting, oldestWaitMs };
    });
  }

  /** Resolves when no release is under way. */
  async stop(): Promise<void> {
    this.#owned.clear();
    await this.#adopting;
    for (const desk of this.#desks.values()) desk.close();
    await Promise.all([...this.#desks.values()].map((desk) => desk.idle()));
  }

  #owns(tenant: string): boolean {
    return this.#owned.has(this.placement.homeOf(tenant));
  }
}
