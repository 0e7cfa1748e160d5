import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSessionEvent, encodeSessionEvents, encodeSessionOutcome } from '@toolfleet/contracts';
import type { Caller, SessionEvent } from '@toolfleet/kernel';
import { limits, missing, overloaded, refusalOf, refused, sessionIdOf } from '@toolfleet/kernel';
import type { BusRecord } from '@toolfleet/platform/kafka';
import type { SessionHead, StoredEvent } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { AcceptedSessions } from './accepted-sessions.js';
import { SessionFeed } from './session-feed.js';
import { Sessions } from './sessions.js';
import { WatchSession } from './watch-session.js';

const tenant = 'acme';
const sessionId = sessionIdOf(tenant, 'r1');
const caller: Caller = { tenant, user: 'ann', roles: [], scopes: new Set(['sessions:cancel']), tokenId: 't' };

function eventOf(seq: number, last: number, text = ''): SessionEvent {
  if (seq === last) return { seq, atMs: seq, type: 'finished', status: 'completed', answer: 'done' };
  return { seq, atMs: seq, type: 'userMessageReceived', message: { messageId: `m${seq}`, text } };
}

/** A session of `last` events, of which the store has some from the beginning. */
function worldOf(stored: number, last: number, text = '', watchersMax = 10, ...late: SessionEvent[]) {
  const events = Array.from({ length: last }, (_, index) => eventOf(index + 1, last, text)).concat(late);
  const world = { stored };
  const head = (): SessionHead => ({
    tenant,
    sessionId,
    partition: 0,
    status: world.stored >= last ? 'completed' : 'active',
    active: true,
    agent: 'retail',
    userId: 'u',
    requestId: 'r1',
    seq: world.stored,
    nextWakeAtMs: null,
    usage: {},
    createdAtMs: 1,
    updatedAtMs: 1,
  });
  const rows = (): StoredEvent[] =>
    events
      .slice(0, world.stored)
      .map((event) => ({ seq: event.seq, type: event.type, atMs: event.atMs, payload: encodeSessionEvent(event) }));
  const store = {
    head: async () => head(),
    list: async () => [],
    eventsAfter: async (_tenant: string, _id: string, seq: number, limit: number) =>
      rows()
        .filter((row) => row.seq > seq)
        .slice(0, limit),
  };
  const accepted = new AcceptedSessions();
  const told: string[] = [];
  const nothing = async () => undefined;
  const waitingRoom = { find: nothing, next: async () => [], position: nothing, interval: nothing };
  const sessions = new Sessions({
    store,
    waitingRoom,
    accepted,
    outlet: { inbox: async ({ body }) => void told.push(body.type), admission: async () => {} },
  });
  const feed = new SessionFeed(accepted, watchersMax);
  const watching = new WatchSession({
    ...{ store, sessions, accepted, feed, listening: () => undefined },
    ...{ log: { warn: () => {} }, idleMs: 20 },
  });
  const publish = (...seqs: number[]) => {
    const payloads = seqs.map((seq) => encodeSessionEvent(events[seq - 1]!));
    const value = Buffer.from(encodeSessionEvents({ tenant, sessionId, events: payloads }));
    feed.onEvents({ key: sessionId, value } as BusRecord);
  };
  return { world, watching, publish, feed, told };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a watch replays what is stored after the given seq and ends with the session', async () => {
  const { watching, feed } = worldOf(300, 300);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 10 }, AbortSignal.timeout(5_000));
  const seen: number[] = [];
  for await (const event of watch.events) if (event !== 'idle') seen.push(event.seq);
  watch.close();
  assert.deepEqual(seen, range(11, 300));
  assert.equal(feed.watchers, 0);
});

test('events that arrive during the replay come once, in order, without a gap', async () => {
  const { world, watching, publish } = worldOf(3, 9);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const seen: number[] = [];
  for await (const event of watch.events) {
    if (event === 'idle') continue;
    seen.push(event.seq);
    if (event.seq === 2) {
      world.stored = 5;
      publish(2, 3);
      publish(4, 5);
    }
    if (event.seq === 5) {
      // 6 and 7 never arrive: the store has them.
      world.stored = 9;
      publish(8);
      publish(5, 9);
    }
  }
  watch.close();
  assert.deepEqual(seen, range(1, 9));
});

test('a broadcast that never comes is healed by the next look at the store', async () => {
  const { world, watching } = worldOf(1, 4);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const seen: (number | string)[] = [];
  for await (const event of watch.events) {
    seen.push(event === 'idle' ? event : event.seq);
    world.stored = 4;
  }
  watch.close();
  assert.deepEqual(
    seen.filter((event) => event !== 'idle'),
    range(1, 4),
  );
});

test('a watcher that does not read costs no memory and still sees everything', async () => {
  const { world, watching, publish } = worldOf(1, 60, 'x'.repeat(limits.argumentsBytesMax));
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const seen: number[] = [];
  for await (const event of watch.events) {
    if (event === 'idle') continue;
    if (event.seq === 1) {
      world.stored = 60;
      for (const seq of range(2, 60)) publish(seq);
    }
    seen.push(event.seq);
  }
  watch.close();
  assert.deepEqual(seen, range(1, 60));
});

test('a finished session that was seen to its end has nothing more to tell', async () => {
  const { watching } = worldOf(4, 4);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 4 }, AbortSignal.timeout(5_000));
  for await (const event of watch.events) assert.fail(String(event));
  watch.close();
});

test('a watch ends with its session, also when a call of it ended late', async () => {
  const late: SessionEvent = {
    seq: 4,
    atMs: 4,
    type: 'toolCallEndedLate',
    observation: refused('c', missing('X', '')),
  };
  for (const afterSeq of [0, 2, 3]) {
    const { watching } = worldOf(4, 3, '', 10, late);
    const watch = await watching.open({ caller, tenant, sessionId, afterSeq }, AbortSignal.timeout(5_000));
    const seen: number[] = [];
    for await (const event of watch.events) seen.push(event === 'idle' ? assert.fail('it went on') : event.seq);
    watch.close();
    assert.deepEqual(seen, range(afterSeq + 1, 4));
  }
});

test('a watch of an unknown session, from a seq that is not there, or one too many is refused and leaves nothing', async () => {
  const { watching, feed } = worldOf(4, 9, '', 1);
  const signal = AbortSignal.timeout(5_000);
  const other = { caller, tenant, sessionId: 'nonsense', afterSeq: 0 };
  await assert.rejects(watching.open(other, signal), { reason: 'SESSION_UNKNOWN' });
  await assert.rejects(watching.open({ caller, tenant, sessionId, afterSeq: 5 }, signal), { reason: 'SEQ_INVALID' });
  await assert.rejects(watching.open({ caller, tenant, sessionId, afterSeq: -1 }, signal), { reason: 'SEQ_INVALID' });
  assert.equal(feed.watchers, 0);
  const first = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, signal);
  await assert.rejects(watching.open({ caller, tenant, sessionId, afterSeq: 0 }, signal), { reason: 'WATCHERS_FULL' });
  first.close();
  first.close();
  assert.equal(feed.watchers, 0);
});

test('a gateway that stops tells its watchers to go on elsewhere', async () => {
  const { watching, feed } = worldOf(1, 9);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const reading = (async () => {
    for await (const event of watch.events) if (event !== 'idle') feed.close();
  })();
  await assert.rejects(reading, { kind: 'unreachable', reason: 'GATEWAY_STOPPING' });
  watch.close();
});

test('an aborted watch ends at once', async () => {
  const { watching } = worldOf(1, 9);
  const gone = new AbortController();
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, gone.signal);
  for await (const event of watch.events) if (event !== 'idle') gone.abort();
  watch.close();
});

test('a client that goes away takes its session along when it said so, and only then', async () => {
  for (const cancelOnDisconnect of [true, false]) {
    const { watching, told } = worldOf(1, 9);
    const gone = new AbortController();
    const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0, cancelOnDisconnect }, gone.signal);
    for await (const event of watch.events) if (event !== 'idle') gone.abort();
    watch.close();
    await eventually(() => told.length === (cancelOnDisconnect ? 1 : 0), { withinMs: 5_000 });
    assert.deepEqual(told, cancelOnDisconnect ? ['cancel'] : []);
  }
});

test('whoever may only look cannot cancel a session by hanging up', async () => {
  const { watching, told } = worldOf(1, 9);
  const reader: Caller = { ...caller, scopes: new Set(['sessions:read']) };
  const asked = { caller: reader, tenant, sessionId, afterSeq: 0, cancelOnDisconnect: true };
  await assert.rejects(watching.open(asked, AbortSignal.timeout(5_000)), { reason: 'SCOPE_MISSING' });
  assert.deepEqual(told, []);
});

test('a session that is over, or whose gateway stops, is not cancelled by the end of its watch', async () => {
  const ended = worldOf(4, 4);
  const stopping = worldOf(1, 9);
  for (const { watching, feed, told } of [ended, stopping]) {
    const gone = new AbortController();
    const watch = await watching.open(
      { caller, tenant, sessionId, afterSeq: 0, cancelOnDisconnect: true },
      gone.signal,
    );
    const reading = (async () => {
      for await (const event of watch.events) if (event !== 'idle' && event.seq === 1) feed.close();
    })();
    await reading.catch(() => undefined);
    gone.abort();
    watch.close();
    gone.abort();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, []);
  }
});

function refuse(feed: SessionFeed): void {
  const refusal = refusalOf(overloaded('WAITING_ROOM_FULL', 'Too many wait.', { retryAfterMs: 5_000 }));
  const outcome = {
    tenant,
    sessionId,
    requestId: 'r1',
    user: 'u',
    agent: 'retail',
    status: 'rejected',
    answer: '',
  } as const;
  const rest = { refusal, usage: { inputTokens: 0, outputTokens: 0 }, turns: 0, calls: [], labels: {}, run: 1 };
  const value = encodeSessionOutcome({ ...outcome, ...rest, startedAtMs: 1, finishedAtMs: 1 });
  feed.onOutcome({ key: sessionId, value: Buffer.from(value) } as BusRecord);
}

test('a watch of a session that admission refuses ends with the refusal', async () => {
  const { watching, feed } = worldOf(0, 9);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const reading = (async () => {
    for await (const event of watch.events) if (event === 'idle') refuse(feed);
  })();
  await assert.rejects(reading, { kind: 'overloaded', reason: 'WAITING_ROOM_FULL', retryAfterMs: 5_000 });
  watch.close();
});

test('an outcome that overtakes the events of a session hides none of them', async () => {
  const { world, watching, feed } = worldOf(0, 3);
  const watch = await watching.open({ caller, tenant, sessionId, afterSeq: 0 }, AbortSignal.timeout(5_000));
  const seen: number[] = [];
  for await (const event of watch.events) {
    if (event !== 'idle') seen.push(event.seq);
    else {
      world.stored = 3;
      refuse(feed);
    }
  }
  watch.close();
  assert.deepEqual(seen, [1, 2, 3]);
});
