/** What every waiting room must do. */
import assert from 'node:assert/strict';
import type { WaitingRoom, WaitingSession } from '../ports/waiting-room.js';
import { assertFault, runContract, storableIds, unstorableIds, type ContractRows } from './contract.js';

export function waitingOf(sketch: Partial<WaitingSession> & { readonly tenant: string }): WaitingSession {
  const defaults = { sessionId: 's1', priority: 0, enteredAtMs: 1_000, expiresAtMs: 9_000_000_000_000 };
  return { ...defaults, payload: Buffer.from('admission'), ...sketch };
}

const idsOf = (sessions: readonly WaitingSession[]): string[] => sessions.map(({ sessionId }) => sessionId);

const rows: ContractRows<WaitingRoom> = {
  'higher priority goes first, within one priority the oldest': async (room, tenant) => {
    const arrivals: [string, number, number][] = [
      ['a', 0, 5],
      ['b', 0, 3],
      ['c', 2, 9],
      ['d', 2, 8],
      ['e', -1, 1],
    ];
    for (const [sessionId, priority, enteredAtMs] of arrivals) {
      assert.equal(await room.enter(waitingOf({ tenant, sessionId, priority, enteredAtMs })), true);
    }
    assert.deepEqual(idsOf(await room.next(tenant, 4)), ['d', 'c', 'b', 'a']);
    const [first] = await room.next(tenant, 1);
    assert.deepEqual(first, waitingOf({ tenant, sessionId: 'd', priority: 2, enteredAtMs: 8 }));
  },
  'of sessions that enter in the same millisecond, also at the same time, the first to enter goes first': async (
    room,
    tenant,
  ) => {
    const arrivals = ['c', 'a', 'd', 'b'];
    const entered = ['c', 'a', 'c', 'd', 'b'].map((sessionId) => room.enter(waitingOf({ tenant, sessionId })));
    assert.deepEqual(await Promise.all(entered), [true, true, false, true, true]);
    assert.equal(await room.enter(waitingOf({ tenant, sessionId: 'c' })), false);
    assert.deepEqual(idsOf(await room.next(tenant, 9)), arrivals);
    const positions = await Promise.all(arrivals.map((sessionId) => room.position(tenant, sessionId)));
    assert.deepEqual(positions, [1, 2, 3, 4]);
  },
  'many enter and leave at once, each with its own words and no more than once': async (room, tenant) => {
    const sessions = Array.from({ length: 1_200 }, (_, index) =>
      waitingOf({
        tenant: index % 3 === 0 ? `${tenant}-other` : tenant,
        sessionId: `s${index}`,
        enteredAtMs: index,
        payload: Buffer.from(`"${'x'.repeat(index % 7)}\\${index}`),
      }),
    );
    const entered = await Promise.all(sessions.map((session) => room.enter(session)));
    assert.ok(entered.every(Boolean));
    const own = sessions.filter((session) => session.tenant === tenant);
    assert.deepEqual(await room.next(tenant, 1_000), own);
    await Promise.all(own.slice(1).map(({ sessionId }) => room.leave(tenant, [sessionId])));
    assert.deepEqual(await room.next(tenant, 1_000), own.slice(0, 1));
    assert.equal(await room.count(`${tenant}-other`), 400);
  },
  'a position counts those that go first, in the order of next': async (room, tenant) => {
    const arrivals: [string, number, number][] = [
      ['a', 0, 5],
      ['b', 0, 3],
      ['c', 0, 3],
      ['d', 1, 9],
      ['e', -1, 1],
    ];
    for (const [sessionId, priority, enteredAtMs] of arrivals) {
      await room.enter(waitingOf({ tenant, sessionId, priority, enteredAtMs }));
      await room.enter(waitingOf({ tenant: `${tenant}-other`, sessionId, priority: 1 }));
    }
    const order = idsOf(await room.next(tenant, 10));
    assert.deepEqual(order, ['d', 'b', 'c', 'a', 'e']);
    assert.deepEqual(await Promise.all(order.map((sessionId) => room.position(tenant, sessionId))), [1, 2, 3, 4, 5]);
    assert.equal(await room.position(tenant, 'unknown'), undefined);
    assert.equal((await room.counts()).get(tenant)?.oldestEnteredAtMs, 1);
  },
  'the interval of a tenant is what its writer told last': async (room, tenant) => {
    assert.equal(await room.interval(tenant), undefined);
    await room.setIntervals(new Map(), 1);
    await room.setIntervals(
      new Map([
        [tenant, 250],
        [`${tenant}-other`, 1_000],
      ]),
      1,
    );
    await room.setIntervals(new Map([[tenant, 12.5]]), 2);
    assert.deepEqual([await room.interval(tenant), await room.interval(`${tenant}-other`)], [12.5, 1_000]);
  },
  'a session waits until it leaves, however often it is read': async (room, tenant) => {
    for (const sessionId of ['a', 'b', 'c']) {
      await room.enter(waitingOf({ tenant, sessionId }));
    }
    assert.deepEqual(idsOf(await room.next(tenant, 9)), ['a', 'b', 'c']);
    await room.leave(tenant, ['a', 'c', 'unknown']);
    await room.leave(tenant, ['a']);
    await room.leave(tenant, []);
    assert.deepEqual(idsOf(await room.next(tenant, 9)), ['b']);
  },
  'a session is found by its id while it waits, and only by its own tenant': async (room, tenant) => {
    await room.enter(waitingOf({ tenant, sessionId: 'a', priority: 3 }));
    assert.deepEqual(await room.find(tenant, 'a'), waitingOf({ tenant, sessionId: 'a', priority: 3 }));
    assert.equal(await room.find(`${tenant}-other`, 'a'), undefined);
    await room.leave(tenant, ['a']);
    assert.equal(await room.find(tenant, 'a'), undefined);
  },
  'who waits already is known, and rooms are counted by tenant': async (room, tenant) => {
    assert.equal(await room.enter(waitingOf({ tenant, sessionId: 'a' })), true);
    assert.equal(await room.enter(waitingOf({ tenant, sessionId: 'a', priority: 1 })), false);
    assert.equal(await room.enter(waitingOf({ tenant, sessionId: 'b' })), true);
    assert.equal(await room.enter(waitingOf({ tenant: `${tenant}-other`, sessionId: 'a' })), true);
    assert.deepEqual(await room.find(tenant, 'a'), waitingOf({ tenant, sessionId: 'a' }));
    await room.leave(tenant, ['a']);
    assert.equal(await room.enter(waitingOf({ tenant, sessionId: 'c' })), true);
    assert.equal(await room.count(tenant), 2);
    const counts = await room.counts();
    const waiting = [tenant, `${tenant}-other`, 'nobody'].map((name) => counts.get(name)?.waiting);
    assert.deepEqual(waiting, [2, 1, undefined]);
  },
  'expired sessions are found and wait until they leave': async (room, tenant) => {
    for (const [sessionId, expiresAtMs] of [
      ['a', 70],
      ['b', 50],
      ['c', 71],
    ] as const) {
      await room.enter(waitingOf({ tenant, sessionId, expiresAtMs }));
    }
    const due = (await room.expired(70, 1_000)).filter((session) => session.tenant === tenant);
    assert.deepEqual(idsOf(due), ['b', 'a']);
    assert.equal(await room.count(tenant), 3);
  },
  'hostile ids are refused or come back as they were': async (room, tenant) => {
    for (const sessionId of unstorableIds) {
      await assertFault(room.enter(waitingOf({ tenant, sessionId })), 'invalid', 'ID_INVALID');
      await assertFault(room.leave(tenant, [sessionId]), 'invalid', 'ID_INVALID');
    }
    for (const sessionId of storableIds) {
      await room.enter(waitingOf({ tenant, sessionId }));
    }
    assert.deepEqual(new Set(idsOf(await room.next(tenant, 99))), new Set(storableIds));
    await room.leave(tenant, storableIds);
    assert.equal(await room.count(tenant), 0);
  },
};

export function waitingRoomContract(make: () => Promise<WaitingRoom> | WaitingRoom): void {
  runContract('WaitingRoom', rows, make);
}
