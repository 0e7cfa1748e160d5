/** What the specs of desks share: one tenant on a real store and waiting room, with everything else in memory. */
import { randomUUID } from 'node:crypto';
import type { SessionOutcome } from '@toolfleet/contracts';
import type { Fault, SessionRequest, TenantSpec } from '@toolfleet/kernel';
import { unreachable } from '@toolfleet/kernel';
import type { PostgresSessionStore, PostgresWaitingRoom, SessionHead } from '@toolfleet/platform/postgres';
import { createLogger } from '@toolfleet/platform/telemetry';
import type { AdmissionPorts } from './admission-ports.js';
import { FleetShare } from './fleet-share.js';
import { LineMemory } from './line-memory.js';
import { TenantDesk } from './tenant-desk.js';

const log = createLogger({ level: 'silent', roles: 'policy', instance: 'spec' });

/** A tenant of its own, what its desk told the bus, and a clock that a test may move. */
export class DeskWorld {
  readonly tenant = `t-${randomUUID()}`;
  readonly routed: string[] = [];
  readonly outcomes: SessionOutcome[] = [];
  nowMs = Date.now();
  busIsDown = false;
  /** What a start takes until something durable answers for it. */
  started: Promise<void> = Promise.resolve();
  /** What the book of budgets says. */
  budgetFault: (request: Pick<SessionRequest, 'user'>) => Promise<Fault | undefined> = async () => undefined;
  readonly spec: TenantSpec;
  readonly ports: AdmissionPorts;

  constructor(
    private readonly stores: { readonly store: PostgresSessionStore; readonly room: PostgresWaitingRoom },
    concurrentSessionsMax: number,
    waitingSessionsMax = 100,
    fleetSessionsMax = 1_000,
  ) {
    const { store, room } = stores;
    const { tenant } = this;
    this.spec = { name: tenant, displayName: '', concurrentSessionsMax, waitingSessionsMax, agents: ['shop'] };
    this.ports = {
      log,
      now: () => this.nowMs,
      tenant: (name) => (name === tenant ? this.spec : undefined),
      tenants: () => [tenant],
      fleet: new FleetShare(fleetSessionsMax, () => this.nowMs),
      room,
      lineMemory: new LineMemory(),
      budgetFault: (_, request) => this.budgetFault(request),
      activeOf: async (name) => (await store.list(name, { limit: 100 })).filter((head) => head.status === 'active'),
      head: (name, sessionId) => store.head(name, sessionId),
      route: async ({ sessionId }) => {
        if (this.busIsDown) throw unreachable('BUS_UNREACHABLE', 'The bus does not answer.');
        this.routed.push(sessionId);
        await this.started;
      },
      // A sweep sees the rooms of all tenants of the database, also those that other tests left behind.
      refuse: async (outcome) =>
        void (outcome.tenant.startsWith('t-') && outcome.tenant !== tenant ? 0 : this.outcomes.push(outcome)),
      count: () => undefined,
    };
  }

  desk(): TenantDesk {
    return new TenantDesk(this.tenant, this.ports);
  }

  request(changed: Partial<SessionRequest> = {}): SessionRequest {
    const { tenant } = this;
    return { tenant, user: 'u', requestId: 'r', agent: 'shop', input: 'hi', roles: [], labels: {}, ...changed };
  }

  async ask(desk: TenantDesk, ...sessionIds: string[]): Promise<void> {
    for (const sessionId of sessionIds) await (await desk.request(sessionId, this.request())).sent;
  }

  async stored(sessionId: string, status: string, seq: number): Promise<void> {
    const head: SessionHead = {
      tenant: this.tenant,
      sessionId,
      partition: 0,
      status,
      active: status === 'active',
      agent: 'shop',
      userId: 'u',
      requestId: sessionId,
      seq,
      nextWakeAtMs: null,
      usage: {},
      createdAtMs: this.nowMs,
      updatedAtMs: this.nowMs,
    };
    const events = [{ seq, type: 'started', atMs: this.nowMs, payload: Buffer.from([1]) }];
    await this.stores.store.commit({ head, firstSeq: seq, events });
  }
}
