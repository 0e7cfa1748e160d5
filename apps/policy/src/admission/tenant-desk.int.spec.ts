import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import type { SessionRequest, TenantSpec } from '@toolfleet/kernel';
import { Placement, limits, unreachable } from '@toolfleet/kernel';
import type { SessionHead } from '@toolfleet/platform/postgres';
import { Database, PostgresSessionStore, PostgresWaitingRoom, migrate } from '@toolfleet/platform/postgres';
import { createLogger } from '@toolfleet/platform/telemetry';
import type { TestDatabase } from '@toolfleet/testkit';
import { databaseForTests, eventually } from '@toolfleet/testkit';
import type { AdmissionPorts } from './admission-ports.js';
import { FleetShare } from './fleet-share.js';
import { TenantDesk } from './tenant-desk.js';
import { TenantDesks } from './tenant-desks.js';

const log = createLogger({ level: 'silent', roles: 'policy', instance: 'spec' });
const within = { withinMs: 10_000 };

let parts: TestDatabase;
let database: Database;
let store: PostgresSessionStore;
let room: PostgresWaitingRoom;

before(async () => {
  parts = await databaseForTests();
  await migrate(parts.url);
  database = new Database({ url: parts.url, applicationName: 'policy spec' });
  store = new PostgresSessionStore(database);
  room = new PostgresWaitingRoom(database);
});

after(async () => {
  await database?.close();
  await parts?.stop();
});

/** A tenant of its own, what its desk told the bus, and a clock that a test may move. */
class World {
  readonly tenant = `t-${randomUUID()}`;
  readonly routed: string[] = [];
  readonly outcomes: SessionOutcome[] = [];
  nowMs = Date.now();
  busIsDown = false;
  readonly spec: TenantSpec;
  readonly ports: AdmissionPorts;

  constructor(concurrentSessionsMax: number, waitingSessionsMax = 100, fleetSessionsMax = 1_000) {
    const { tenant } = this;
    this.spec = { name: tenant, displayName: '', concurrentSessionsMax, waitingSessionsMax, agents: ['shop'] };
    this.ports = {
      log,
      now: () => this.nowMs,
      tenant: (name) => (name === tenant ? this.spec : undefined),
      tenants: () => [tenant],
      fleet: new FleetShare(fleetSessionsMax, () => this.nowMs),
      room,
      activeOf: async (name) => (await store.list(name, { limit: 100 })).filter((head) => head.status === 'active'),
      head: (name, sessionId) => store.head(name, sessionId),
      route: async ({ sessionId }) => {
        if (this.busIsDown) throw unreachable('BUS_UNREACHABLE', 'The bus does not answer.');
        this.routed.push(sessionId);
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
    await store.commit({ head, firstSeq: seq, events });
  }
}

describe('the desk of a tenant', () => {
  test('starts sessions up to the share, lets the rest wait, and starts them in their order as places become free', async () => {
    const world = new World(2);
    const desk = world.desk();
    await world.ask(desk, 'a', 'b', 'c', 'd', 'e');
    assert.deepEqual(world.routed, ['a', 'b']);
    assert.equal(await room.count(world.tenant), 3);
    await desk.release('a');
    await desk.idle();
    assert.deepEqual(world.routed, ['a', 'b', 'c']);
    await Promise.all([desk.release('b'), desk.release('c')]);
    await desk.idle();
    assert.deepEqual(world.routed, ['a', 'b', 'c', 'd', 'e']);
    assert.equal(await room.count(world.tenant), 0);
  });

  test('is not changed by a repeated request of a session that runs or waits', async () => {
    const world = new World(1);
    const desk = world.desk();
    await world.ask(desk, 'a', 'b', 'a', 'b');
    assert.deepEqual(world.routed, ['a']);
    assert.deepEqual(desk.load, { running: 1, waiting: 1, sessionMsMean: 0 });
  });

  test('refuses when the room is full, and says when to come back', async () => {
    const world = new World(1, 1);
    await world.ask(world.desk(), 'a', 'b');
    const desk = world.desk();
    await world.ask(desk, 'c', 'd');
    assert.deepEqual(world.routed, ['a']);
    assert.deepEqual(
      world.outcomes.map(({ sessionId, status, refusal }) => [sessionId, status, refusal?.kind, refusal?.reason]),
      [
        ['c', 'rejected', 'overloaded', 'WAITING_ROOM_FULL'],
        ['d', 'rejected', 'overloaded', 'WAITING_ROOM_FULL'],
      ],
    );
    assert.ok((world.outcomes[0]?.refusal?.retryAfterMs ?? 0) >= 1_000);
  });

  test('gives a place back when the bus did not take the start, so that the record can be tried again', async () => {
    const world = new World(1);
    const desk = world.desk();
    world.busIsDown = true;
    await assert.rejects(world.ask(desk, 'a'), { reason: 'BUS_UNREACHABLE' });
    assert.equal(desk.load.running, 0);
    world.busIsDown = false;
    await world.ask(desk, 'a');
    assert.deepEqual(world.routed, ['a']);
  });

  test('keeps those that wait when the bus does not take them, and starts them later', async () => {
    const world = new World(1);
    const desk = world.desk();
    await world.ask(desk, 'a', 'b');
    world.busIsDown = true;
    await desk.release('a');
    await desk.idle();
    assert.equal(await room.count(world.tenant), 1);
    world.busIsDown = false;
    desk.releaseNext();
    await desk.idle();
    assert.deepEqual(world.routed, ['a', 'b']);
  });

  test('knows after a take-over who runs and who waits', async () => {
    const world = new World(2);
    await world.ask(world.desk(), 'a', 'b', 'c');
    await world.stored('a', 'active', 1);
    await world.stored('b', 'active', 1);
    await world.stored('b', 'completed', 2);
    const next = world.desk();
    await next.ready();
    assert.deepEqual(next.load, { running: 1, waiting: 1, sessionMsMean: 0 });
    next.releaseNext();
    await next.idle();
    assert.deepEqual(world.routed, ['a', 'b', 'c']);
  });

  test('gives places back whose release was lost, early when the session ended, late when it never appeared', async () => {
    const world = new World(3);
    const desk = world.desk();
    await world.ask(desk, 'ended', 'lost', 'runs', 'w');
    await world.stored('ended', 'active', 1);
    await world.stored('ended', 'completed', 2);
    await world.stored('runs', 'active', 1);
    await desk.check();
    assert.equal(desk.load.running, 3);
    world.nowMs += limits.shareCheckedAfterMs;
    assert.equal(desk.needsCheck, true);
    await desk.check();
    await desk.idle();
    assert.deepEqual(world.routed, ['ended', 'lost', 'runs', 'w']);
    assert.equal(desk.load.running, 3);
    world.nowMs += limits.shareGivenUpAfterMs;
    await world.stored('w', 'active', 1);
    await desk.check();
    assert.equal(desk.load.running, 2);
  });

  test('counts a session that runs again without having asked', async () => {
    const world = new World(1);
    const desk = world.desk();
    await desk.ready();
    await world.stored('continued', 'active', 1);
    await desk.check();
    await world.ask(desk, 'a');
    assert.deepEqual([world.routed, desk.load.running, desk.load.waiting], [[], 1, 1]);
  });

  test('lets go of a session that is released while it waits, and tells its end', async () => {
    const world = new World(1);
    const desk = world.desk();
    await world.ask(desk, 'a', 'b');
    await desk.release('b');
    await desk.release('unknown');
    assert.deepEqual(
      world.outcomes.map(({ sessionId, status }) => [sessionId, status]),
      [['b', 'cancelled']],
    );
    assert.equal(await room.count(world.tenant), 0);
    assert.equal(desk.load.running, 1);
  });

  test('waits for the fleet below its own bound, and says so when nobody more may wait', async () => {
    const world = new World(4, 1, 2);
    const desk = world.desk();
    await world.ask(desk, 'a', 'b', 'c', 'd');
    assert.deepEqual([world.routed, desk.load.waiting], [['a', 'b'], 1]);
    assert.deepEqual(
      world.outcomes.map(({ refusal }) => [refusal?.reason, refusal?.details['placesFree']]),
      [['FLEET_FULL', '2']],
    );
    await desk.release('a');
    await desk.idle();
    assert.deepEqual(world.routed, ['a', 'b', 'c']);
    assert.equal(world.ports.fleet.queue.running, 2);
  });

  test('has sessions of a higher priority go first, and first come first served within one', async () => {
    const world = new World(1);
    const desk = world.desk();
    await world.ask(desk, 'first');
    for (const [sessionId, priority] of [
      ['low', 'low'],
      ['normal', undefined],
      ['high', 'high'],
      ['late', 'normal'],
    ] as const) {
      world.nowMs++;
      await (
        await desk.request(sessionId, world.request({ priority }))
      ).sent;
    }
    for (const sessionId of ['first', 'high', 'normal', 'late']) {
      await desk.release(sessionId);
      await desk.idle();
    }
    assert.deepEqual(world.routed, ['first', 'high', 'normal', 'late', 'low']);
  });

  test('gives a place back to the fleet when nobody is left to use it, and none twice', async () => {
    const world = new World(4, 100, 1);
    const { queue } = world.ports.fleet;
    const desk = world.desk();
    await world.ask(desk, 'a', 'b');
    await room.leave(world.tenant, ['b']);
    await desk.release('a');
    await desk.idle();
    assert.deepEqual([world.routed, desk.load.waiting, queue.running], [['a'], 0, 0]);
    await world.ask(desk, 'c');
    assert.deepEqual([world.routed, queue.running], [['a', 'c'], 1]);
    desk.close();
    await desk.release('c');
    assert.equal(queue.running, 0);
  });

  test('never holds more places than the share in a storm of requests and releases', async () => {
    const world = new World(4, 500);
    const desk = world.desk();
    const running = new Set<string>();
    let most = 0;
    const route = world.ports.route.bind(world.ports);
    Object.assign(world.ports, {
      route: async (routing: Parameters<AdmissionPorts['route']>[0]) => {
        running.add(routing.sessionId);
        most = Math.max(most, running.size);
        await route(routing);
      },
    });
    const ids = Array.from({ length: 120 }, (_, index) => `s${index}`);
    await world.ask(desk, ...ids);
    while (running.size > 0) {
      for (const id of [...running]) {
        running.delete(id);
        await desk.release(id);
      }
      await desk.idle();
    }
    assert.equal(most, 4);
    assert.deepEqual(new Set(world.routed).size, ids.length);
    assert.equal(world.routed.length, ids.length);
    assert.deepEqual([desk.load.running, desk.load.waiting], [0, 0]);
  });
});

describe('the desks of a process', () => {
  const placement = new Placement(4, 2);
  const loadsOf = (desks: TenantDesks) => desks.figures().map(({ running, waiting }) => [running, waiting]);

  test('a sweep takes up the waiting rooms of owned tenants only, and lets go of those that waited too long', async () => {
    const world = new World(1);
    await world.ask(world.desk(), 'a', 'b', 'c');
    const desks = new TenantDesks(world.ports, placement);
    await desks.sweep();
    assert.deepEqual(world.routed, ['a']);
    desks.assign({ gained: [placement.homeOf(world.tenant)], lost: [] });
    await desks.sweep();
    await eventually(() => world.routed.length === 2, within);
    world.nowMs += limits.waitingMsMax;
    await desks.sweep();
    assert.deepEqual(
      world.outcomes.map(({ sessionId, refusal }) => [sessionId, refusal?.reason]),
      [['c', 'WAITED_TOO_LONG']],
    );
    await desks.stop();
  });

  test('a lost partition takes its desks along', async () => {
    const world = new World(1);
    const desks = new TenantDesks(world.ports, placement);
    const home = placement.homeOf(world.tenant);
    desks.assign({ gained: [home], lost: [] });
    const desk = desks.of(world.tenant);
    await world.ask(desk, 'a');
    assert.equal(desks.of(world.tenant), desk);
    assert.deepEqual(loadsOf(desks), [[1, 0]]);
    desks.assign({ gained: [], lost: [home] });
    assert.deepEqual(loadsOf(desks), []);
    assert.notEqual(desks.of(world.tenant), desk);
  });

  test('what runs already holds places of the fleet after a take-over, also of tenants that ask for nothing', async () => {
    const world = new World(4, 100, 1);
    await world.stored('runs', 'active', 1);
    const desks = new TenantDesks(world.ports, new Placement(4, 4));
    desks.assign({ gained: [0, 1, 2, 3], lost: [] });
    await eventually(() => world.ports.fleet.queue.running === 1, within);
    await world.ask(desks.of(world.tenant), 'next');
    assert.deepEqual([world.routed, loadsOf(desks)], [[], [[1, 1]]]);
    await desks.sweep();
    assert.ok((await room.interval(world.tenant))! > 0);
    world.nowMs += 5_000;
    assert.deepEqual(
      desks.figures().map(({ running, waiting, oldestWaitMs }) => [running, waiting, oldestWaitMs]),
      [[1, 1, 5_000]],
    );
    desks.assign({ gained: [], lost: [0, 1, 2, 3] });
    assert.deepEqual([world.ports.fleet.queue.running, world.ports.fleet.queue.capacity], [0, 0]);
  });

  test('sessions of a tenant that the catalogue has no more take no place of the fleet', async () => {
    const world = new World(1);
    await world.stored('runs', 'active', 1);
    await world.ask(world.desk(), 'a', 'b');
    const ports = { ...world.ports, tenant: () => undefined, fleet: new FleetShare(9, () => world.nowMs) };
    const desks = new TenantDesks(ports, placement);
    desks.assign({ gained: [0, 1, 2, 3], lost: [] });
    await desks.sweep();
    assert.equal(ports.fleet.queue.running, 0);
  });

  test('an invented tenant is refused and costs neither memory nor the database', async () => {
    const world = new World(1);
    const desks = new TenantDesks(world.ports, placement);
    const stranger = desks.of('nobody');
    const request = world.request({ tenant: 'nobody' });
    await (
      await stranger.request('x', request)
    ).sent;
    assert.equal(world.outcomes[0]?.refusal?.reason, 'TENANT_UNKNOWN');
    assert.notEqual(desks.of('nobody'), stranger);
  });
});
