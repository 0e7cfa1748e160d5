import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { overloaded, unreachable } from '@toolfleet/kernel';
import type { PostgresWaitingRoom, WaitingRoom, WaitingSession } from '@toolfleet/platform/postgres';
import { LineMemory } from './line-memory.js';
import { StoredSessions } from './stored-sessions.fixture.js';
import { WaitingLine } from './waiting-line.js';

let stored: StoredSessions;
let room: PostgresWaitingRoom;

before(async () => {
  stored = await StoredSessions.open();
  ({ room } = stored);
});

after(() => stored?.close());

/** A line on a real room whose answers a test may hold up, lose or count. */
class World {
  readonly tenant = `t-${randomUUID()}`;
  readonly memory: LineMemory;
  readonly asked: string[] = [];
  nowMs = 1;
  /** Before the room hears of it. */
  beforeCall: (name: keyof WaitingRoom) => Promise<void> = async () => undefined;
  /** Once the room has done it. */
  afterCall: (name: keyof WaitingRoom) => Promise<void> = async () => undefined;
  readonly line: WaitingLine;

  constructor(memoryBytes?: number) {
    this.memory = new LineMemory(memoryBytes);
    this.line = this.another();
  }

  another(): WaitingLine {
    const watched = new Proxy(room, {
      get:
        (of, name: keyof WaitingRoom) =>
        async (...args: unknown[]) => {
          this.asked.push(name);
          await this.beforeCall(name);
          const answer: unknown = await (of[name] as (...given: unknown[]) => Promise<unknown>).apply(of, args);
          await this.afterCall(name);
          return answer;
        },
    });
    return new WaitingLine(this.tenant, { room: watched, lineMemory: this.memory, now: () => this.nowMs });
  }

  session(sessionId: string, changed: Partial<WaitingSession> = {}): WaitingSession {
    const times = { enteredAtMs: 1_000, expiresAtMs: 9_000_000_000_000 };
    return { tenant: this.tenant, sessionId, priority: 0, ...times, payload: Buffer.from(sessionId), ...changed };
  }

  enter(sessionId: string, changed?: Partial<WaitingSession>): Promise<unknown> {
    return this.line.enter(this.session(sessionId, changed), Promise.resolve(undefined));
  }

  /** Takes all there is, in order, with looks where they are needed. */
  async takeAll(line = this.line): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      if (line.needsLook) await line.look();
      const next = line.take();
      if (!next) return ids;
      ids.push(next.sessionId);
    }
  }
}

test('who enters a line that is known is taken in the order of the room, and the room is asked nothing', async () => {
  const world = new World();
  await world.line.look();
  await world.enter('b');
  await world.enter('late', { enteredAtMs: 1_001 });
  await Promise.all([world.enter('c'), world.enter('d'), world.enter('first', { priority: 1 })]);
  assert.equal(world.line.waiting, 5);
  assert.deepEqual(await world.takeAll(), ['first', 'b', 'c', 'd', 'late']);
  assert.equal(world.line.waiting, 0);
  assert.deepEqual(new Set(world.asked.slice(1)), new Set(['enter']));
});

test('a session counts while it is on its way into the room, and not when it may not enter', async () => {
  const world = new World();
  await world.line.look();
  const held = Promise.withResolvers<void>();
  world.beforeCall = () => held.promise;
  const entering = world.enter('a');
  const refused = world.line.enter(
    world.session('b'),
    Promise.resolve(overloaded('BUDGET_EXHAUSTED', 'Nothing left.')),
  );
  assert.deepEqual([world.line.waiting, world.line.inRoom, world.line.take()], [2, 0, undefined]);
  held.resolve();
  assert.deepEqual([await entering, ((await refused) as Error).message], [true, 'Nothing left.']);
  assert.deepEqual([world.line.waiting, world.line.inRoom], [1, 1]);
  assert.equal(await world.enter('a'), false);
  assert.deepEqual(await world.takeAll(), ['a']);
});

test('who was taken and not let go is found by the next owner, who was let go is not', async () => {
  const world = new World();
  await world.line.look();
  for (const id of ['a', 'b', 'c']) await world.enter(id);
  assert.deepEqual([world.line.take()?.sessionId, world.line.take()?.sessionId], ['a', 'b']);
  await world.line.leave('b');
  assert.deepEqual(await world.takeAll(world.another()), ['a', 'c']);
});

test('who is put back goes before its equals, and a look finds nobody twice', async () => {
  const world = new World();
  await world.line.look();
  for (const id of ['a', 'b', 'c']) await world.enter(id);
  const [a, b] = [world.line.take()!, world.line.take()!];
  world.line.putBack(a);
  await world.line.look();
  assert.deepEqual(await world.takeAll(), ['a', 'c']);
  world.line.putBack(b);
  world.line.putBack(b);
  assert.deepEqual([world.line.waiting, await world.takeAll()], [1, ['b']]);
});

test('a long line is fetched piece by piece, in its order, and costs no more memory than a piece', async () => {
  const world = new World();
  await world.line.look();
  const ids = Array.from({ length: 9_000 }, (_, index) => `s${index}`);
  await Promise.all(ids.map((id, index) => world.enter(id, { enteredAtMs: index })));
  assert.ok(world.memory.bytes < 4_000 * 400, `${world.memory.bytes} bytes`);
  assert.deepEqual(await world.takeAll(), ids);
  assert.deepEqual([world.asked.filter((name) => name === 'next').length, world.memory.bytes], [41, 0]);
});

test('a line goes on while the memory of the process is full', async () => {
  const world = new World(1);
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) await world.enter(id);
  assert.deepEqual(await world.takeAll(), ids);
  world.line.close();
  assert.equal(world.memory.bytes, 0);
});

test('a session is withdrawn wherever it stands, and only once', async () => {
  const world = new World(1);
  for (const id of ['a', 'b', 'c']) await world.enter(id);
  const both = await Promise.all([world.line.withdraw('b'), world.line.withdraw('b'), world.line.withdraw('nobody')]);
  assert.deepEqual(
    both.map((one) => one?.sessionId),
    ['b', undefined, undefined],
  );
  await world.line.leave('b');
  assert.deepEqual([world.line.waiting, await world.takeAll()], [2, ['a', 'c']]);
});

test('a look goes on beside writes, and finds neither who leaves nor anybody twice', async () => {
  const world = new World();
  await world.line.look();
  for (const id of ['a', 'b', 'c', 'd']) await world.enter(id);
  const [leaves, backs] = [world.line.take()!, world.line.take()!];
  const seen = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  world.afterCall = async (name) => {
    if (name !== 'next') return;
    seen.resolve();
    await looked.promise;
  };
  const entersBefore = world.enter('before');
  const looking = world.line.look();
  await seen.promise;
  // What the room has told is not known here yet.
  await Promise.all([entersBefore, world.line.leave(leaves.sessionId), world.enter('since')]);
  const takenSince = world.line.take()!;
  world.line.putBack(backs);
  looked.resolve();
  await looking;
  assert.equal(world.line.waiting, 4);
  assert.deepEqual([takenSince.sessionId, ...(await world.takeAll())], ['c', 'b', 'd', 'before', 'since']);
  await world.line.look();
  assert.equal(world.line.waiting, 0);
});

test('who enters while a look fails, or while another session is looked for, is taken like any other', async () => {
  const world = new World();
  await world.line.look();
  await world.enter('a');
  world.beforeCall = async (name) => {
    if (name === 'next') await world.enter('during');
    if (name === 'next') throw unreachable('DATABASE_UNREACHABLE', 'It does not answer.');
    if (name === 'find') await world.enter('beside');
  };
  await assert.rejects(world.line.look(), { reason: 'DATABASE_UNREACHABLE' });
  assert.equal(await world.line.withdraw('nobody'), undefined);
  world.beforeCall = async () => undefined;
  assert.deepEqual([world.line.waiting, await world.takeAll()], [3, ['a', 'during', 'beside']]);
});

test('who waits and is asked for again while a look goes on is not lost by that', async () => {
  const world = new World();
  await world.line.look();
  await world.enter('a');
  const held = Promise.withResolvers<void>();
  world.afterCall = async (name) => (name === 'enter' ? held.promise : undefined);
  const repeated = world.enter('a');
  await world.line.look();
  held.resolve();
  assert.equal(await repeated, false);
  assert.deepEqual(await world.takeAll(), ['a']);
});

test('a count waits for what is being written, and what is to be written waits for the count', async () => {
  const world = new World();
  const held = Promise.withResolvers<void>();
  world.beforeCall = async (name) => (name === 'enter' ? held.promise : undefined);
  const first = world.enter('a');
  const looking = world.line.look();
  const second = world.enter('b');
  held.resolve();
  await Promise.all([first, looking, second]);
  assert.deepEqual(world.asked, ['enter', 'next', 'enter']);
  assert.deepEqual([world.line.waiting, await world.takeAll()], [2, ['a', 'b']]);
});

test('a write whose end nobody heard of makes the line look again, and nobody is lost or counted twice', async () => {
  const world = new World();
  await world.line.look();
  await world.enter('a');
  world.afterCall = async (name) => {
    if (name !== 'next' && name !== 'count') throw unreachable('DATABASE_UNREACHABLE', 'The answer was lost.');
  };
  await assert.rejects(world.enter('b'), { reason: 'DATABASE_UNREACHABLE' });
  assert.equal(world.line.needsLook, true);
  const first = world.line.take()!;
  await assert.rejects(world.line.leave(first.sessionId), { reason: 'DATABASE_UNREACHABLE' });
  world.afterCall = async () => undefined;
  assert.equal(await world.enter('b'), false);
  await world.line.look();
  assert.deepEqual([world.line.waiting, await world.takeAll()], [1, ['b']]);
});

test('a count that somebody else made makes the line look, unless there were writes since', async () => {
  const world = new World();
  await world.line.look();
  world.line.reckon(0, 2);
  assert.equal(world.line.needsLook, false);
  await room.enter(world.session('a'));
  world.line.reckon(1, 2);
  assert.deepEqual([world.line.needsLook, world.line.waiting], [true, 0]);
  assert.deepEqual(await world.takeAll(), ['a']);
  world.nowMs = 3;
  await world.enter('b');
  world.line.reckon(0, 2);
  assert.equal(world.line.needsLook, false);
});
