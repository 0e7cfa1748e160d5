import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { limits } from '@toolfleet/kernel';
import type { PostgresWaitingRoom } from '@toolfleet/platform/postgres';
import { DeskWorld } from './desk-world.fixture.js';
import { StoredSessions } from './stored-sessions.fixture.js';

let stored: StoredSessions;
let room: PostgresWaitingRoom;

before(async () => {
  stored = await StoredSessions.open();
  ({ room } = stored);
});

after(() => stored?.close());

class World extends DeskWorld {
  constructor(concurrentSessionsMax: number, waitingSessionsMax?: number, fleetSessionsMax?: number) {
    super(stored, concurrentSessionsMax, waitingSessionsMax, fleetSessionsMax);
  }
}

describe('the desk of a tenant in a full fleet', () => {
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

  test('gives a place back to the fleet when nobody is left to use it, and none twice', async () => {
    const world = new World(4, 100, 1);
    const { queue } = world.ports.fleet;
    const desk = world.desk();
    await world.ask(desk, 'a', 'b');
    world.nowMs += limits.waitingMsMax;
    await desk.release('a');
    await desk.idle();
    assert.deepEqual([world.routed, desk.load.waiting, queue.running], [['a'], 0, 0]);
    assert.deepEqual(
      world.outcomes.map(({ sessionId, refusal }) => [sessionId, refusal?.reason]),
      [['b', 'WAITED_TOO_LONG']],
    );
    assert.equal(await room.count(world.tenant), 0);
    await world.ask(desk, 'c');
    assert.deepEqual([world.routed, queue.running], [['a', 'c'], 1]);
    desk.close();
    await desk.release('c');
    assert.equal(queue.running, 0);
  });

  test('keeps the place of its next session while the one before leaves the room', async () => {
    const [mine, theirs] = [new World(9, 100, 2), new World(9)];
    // A place that either may have is mine.
    Object.assign(mine.spec, { weight: 100 });
    Object.assign(theirs.ports, { fleet: mine.ports.fleet });
    const [desk, other] = [mine.desk(), theirs.desk()];
    await mine.ask(desk, 'a');
    await theirs.ask(other, 'x', 'y');
    await mine.ask(desk, 'b', 'c');
    const [leaving, mayLeave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const leave: typeof room.leave = async (...args) => {
      leaving.resolve();
      await mayLeave.promise;
      return room.leave(...args);
    };
    Object.assign(mine.ports, {
      room: new Proxy(room, { get: (of, name) => (name === 'leave' ? leave : boundTo(of, name)) }),
    });
    await desk.release('a');
    await leaving.promise;
    await desk.release('b');
    mayLeave.resolve();
    await Promise.all([desk.idle(), other.idle()]);
    assert.deepEqual([mine.routed, theirs.routed], [['a', 'b', 'c'], ['x']]);
  });

  test('has its own next session go first when it is due, also when it holds all that its own bound allows', async () => {
    const [small, big] = [new World(1, 100, 3), new World(9)];
    Object.assign(big.ports, { fleet: small.ports.fleet });
    const [desk, other] = [small.desk(), big.desk()];
    await small.ask(desk, 'a', 'b');
    await big.ask(other, 'x', 'y', 'z');
    assert.deepEqual([small.routed, big.routed], [['a'], ['x', 'y']]);
    await desk.release('a');
    await Promise.all([desk.idle(), other.idle()]);
    assert.deepEqual(
      [small.routed, big.routed],
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
    );
    await other.release('x');
    await Promise.all([desk.idle(), other.idle()]);
    assert.deepEqual(
      [small.routed, big.routed],
      [
        ['a', 'b'],
        ['x', 'y', 'z'],
      ],
    );
  });

  test('shows by its estimate how many places the fleet leaves it', async () => {
    const [one, two] = [new World(9, 100, 4), new World(9)];
    Object.assign(two.ports, { fleet: one.ports.fleet });
    const [desk, other] = [one.desk(), two.desk()];
    await one.ask(desk, 'a');
    const alone = desk.releaseIntervalMs!;
    await one.ask(desk, 'b', 'c', 'd', 'e');
    await two.ask(other, 'x');
    assert.equal(desk.releaseIntervalMs, other.releaseIntervalMs);
    assert.equal(desk.releaseIntervalMs! / alone, 9 / 2);
  });

  test('asks the database nothing for a session that starts at once', async () => {
    const world = new World(4);
    const desk = world.desk();
    await desk.ready();
    const refuse = () => assert.fail('a statement');
    Object.assign(world.ports, { room: new Proxy({}, { get: refuse }), activeOf: refuse, head: refuse });
    await world.ask(desk, 'a', 'b');
    await desk.release('a');
    assert.deepEqual([world.routed, desk.load.running], [['a', 'b'], 1]);
  });
});

function boundTo<Of extends object>(of: Of, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === 'function' ? value.bind(of) : value;
}
