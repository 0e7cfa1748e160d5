import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Fault } from '@toolfleet/kernel';
import { Placement, limits, overloaded } from '@toolfleet/kernel';
import type { PostgresSessionStore, PostgresWaitingRoom } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import type { AdmissionPorts } from './admission-ports.js';
import { DeskWorld } from './desk-world.fixture.js';
import { FleetShare } from './fleet-share.js';
import { StoredSessions } from './stored-sessions.fixture.js';
import { TenantDesks } from './tenant-desks.js';

const within = { withinMs: 10_000 };

let stored: StoredSessions;
let store: PostgresSessionStore;
let room: PostgresWaitingRoom;

before(async () => {
  stored = await StoredSessions.open();
  ({ store, room } = stored);
});

after(() => stored?.close());

class World extends DeskWorld {
  constructor(concurrentSessionsMax: number, waitingSessionsMax?: number, fleetSessionsMax?: number) {
    super({ store, room }, concurrentSessionsMax, waitingSessionsMax, fleetSessionsMax);
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

  test('answers for a repeated request no sooner than for the first', async () => {
    const world = new World(1);
    const desk = world.desk();
    const started = Promise.withResolvers<void>();
    world.started = started.promise;
    const first = await desk.request('a', world.request());
    const repeated = await desk.request('a', world.request());
    let isAnswered = false;
    const answered = repeated.sent.then(() => (isAnswered = true));
    await room.count(world.tenant);
    assert.deepEqual([world.routed, isAnswered], [['a'], false]);
    started.resolve();
    await Promise.all([first.sent, answered]);
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

  test('refuses before its lane only what would be refused there, and nobody who runs or is about to wait', async () => {
    const world = new World(1, 1);
    const desk = world.desk();
    const atOnce = (sessionId: string) => desk.refuseAtOnce(sessionId, world.request());
    assert.equal(atOnce('a'), undefined);
    await world.ask(desk, 'a');
    assert.equal(atOnce('b'), undefined);
    const entering = await desk.request('b', world.request());
    assert.deepEqual([atOnce('a'), atOnce('b')], [undefined, undefined]);
    await Promise.all([atOnce('c'), entering.sent]);
    assert.deepEqual(
      world.outcomes.map(({ sessionId, refusal }) => [sessionId, refusal?.reason]),
      [['c', 'WAITING_ROOM_FULL']],
    );
    desk.close();
    assert.equal(atOnce('d'), undefined);
  });

  test('refuses of many at once those for whom the ones before leave no room, and forgets who never comes', async () => {
    const world = new World(1, 1);
    const desk = world.desk();
    await desk.ready();
    const atOnce = (...sessionIds: string[]) =>
      sessionIds.filter((sessionId) => desk.refuseAtOnce(sessionId, world.request()) !== undefined);
    assert.deepEqual(atOnce('a', 'b', 'c', 'd'), ['c', 'd']);
    await world.ask(desk, 'a');
    assert.deepEqual(atOnce('e'), ['e']);
    world.nowMs += 1_001;
    assert.deepEqual(atOnce('f', 'g'), ['g']);
  });

  test('holds up no request while the book of budgets is asked for another, and a refused one gives its place back', async () => {
    const world = new World(2);
    const answer = Promise.withResolvers<Fault>();
    world.budgetFault = async ({ user }) => (user === 'spent' ? answer.promise : undefined);
    const desk = world.desk();
    const spent = await desk.request('a', world.request({ user: 'spent' }));
    const again = await desk.request('a', world.request({ user: 'spent' }));
    await world.ask(desk, 'b', 'c');
    assert.deepEqual([world.routed, desk.load.running, desk.load.waiting], [['b'], 2, 1]);
    answer.resolve(overloaded('BUDGET_EXHAUSTED', 'Nothing is left.'));
    await Promise.all([spent.sent, again.sent]);
    await desk.idle();
    assert.deepEqual(
      world.outcomes.map(({ sessionId, refusal }) => [sessionId, refusal?.reason]),
      [['a', 'BUDGET_EXHAUSTED']],
    );
    assert.deepEqual([world.routed, desk.load.running, desk.load.waiting], [['b', 'c'], 2, 0]);
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

  test('nobody who waits is served after a take-over before all that runs is counted', async () => {
    const world = new World(4, 100, 1);
    await world.stored('runs', 'active', 1);
    await world.ask(world.desk(), 'waits');
    await world.ports.room.enter({ ...(await room.next(world.tenant, 1))[0]!, tenant: 'first' });
    let counted = () => undefined as void;
    const isCounted = new Promise<void>((resolve) => (counted = resolve));
    const { activeOf } = world.ports;
    Object.assign(world.ports, {
      tenant: (name: string) => (['first', world.tenant].includes(name) ? world.spec : undefined),
      tenants: () => ['first', world.tenant],
      fleet: new FleetShare(1, () => world.nowMs),
      activeOf: async (tenant: string) => {
        if (tenant === world.tenant) await isCounted;
        return activeOf(tenant);
      },
    });
    const desks = new TenantDesks(world.ports, new Placement(4, 4));
    desks.assign({ gained: [0, 1, 2, 3], lost: [] });
    const first = desks.of('first');
    await first.ready();
    first.releaseNext();
    await first.idle();
    counted();
    await desks.sweep();
    await first.idle();
    assert.deepEqual([world.routed, first.load.waiting], [[], 1]);
    const other = desks.of(world.tenant);
    await other.release('runs');
    await Promise.all([first.idle(), other.idle()]);
    assert.equal(world.routed.length, 1);
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
