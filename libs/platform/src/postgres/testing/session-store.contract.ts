/** What every session store must do. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { SessionCommit, SessionHead, SessionStore } from '../ports/session-store.js';
import { assertFault, runContract, storableIds, unstorableIds, type ContractRows } from './contract.js';

export interface CommitSketch extends Partial<SessionHead> {
  readonly tenant: string;
  readonly firstSeq?: number;
  readonly payloads?: readonly string[];
}

/** A valid commit around the few facts that a test is about. */
export function commitOf(sketch: CommitSketch): SessionCommit {
  const { firstSeq = 1, payloads = ['started'], ...head } = sketch;
  const events = payloads.map((payload, at) => ({
    seq: firstSeq + at,
    type: 'SessionStarted',
    atMs: 1_700_000_000_000 + at,
    payload: Buffer.from(payload),
  }));
  const defaults: Omit<SessionHead, 'tenant'> = {
    sessionId: randomUUID(),
    partition: 3,
    status: 'running',
    active: true,
    agent: 'retail',
    userId: 'u1',
    requestId: 'r1',
    seq: firstSeq + events.length - 1,
    nextWakeAtMs: null,
    usage: { inputTokens: 12, costUsd: 0.25 },
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_001,
  };
  return { firstSeq, events, head: { ...defaults, ...head } };
}

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const idsOf = (heads: readonly SessionHead[]): string[] => heads.map(({ sessionId }) => sessionId);

const appending: ContractRows<SessionStore> = {
  'a committed session is loaded with its head and its events in order': async (store, tenant) => {
    const first = commitOf({ tenant, payloads: ['one', 'two'], nextWakeAtMs: 1_800_000_000_000 });
    const { sessionId } = first.head;
    await store.commit(first);
    assert.deepEqual(await store.head(tenant, sessionId), first.head);
    const second = commitOf({ tenant, sessionId, firstSeq: 3, payloads: ['three'], status: 'done', active: false });
    await store.commit(second);
    const loaded = await store.load(tenant, sessionId);
    assert.deepEqual(loaded?.head, second.head);
    assert.deepEqual(loaded?.events.map(textOf), ['one', 'two', 'three']);
  },
  'an unknown session is undefined, and so is another tenant’s': async (store, tenant) => {
    const commit = commitOf({ tenant });
    await store.commit(commit);
    assert.equal(await store.load(tenant, randomUUID()), undefined);
    assert.equal(await store.head(`${tenant}-other`, commit.head.sessionId), undefined);
  },
  'events of any bytes come back as they were, empty ones too': async (store, tenant) => {
    const payload = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    const commit = commitOf({ tenant, payloads: ['a', '', 'b'] });
    const events = commit.events.map((event, at) => (at === 0 ? { ...event, payload } : event));
    await store.commit({ ...commit, events });
    const stored = await store.eventsAfter(tenant, commit.head.sessionId, 0, 10);
    assert.deepEqual(
      stored.map((event) => event.payload.byteLength),
      [70_000, 0, 1],
    );
    assert.equal(Buffer.compare(stored[0]?.payload ?? Buffer.of(), payload), 0);
  },
  'events after a seq come in order and up to the limit': async (store, tenant) => {
    const commit = commitOf({ tenant, payloads: ['1', '2', '3', '4'] });
    await store.commit(commit);
    const events = await store.eventsAfter(tenant, commit.head.sessionId, 1, 2);
    assert.deepEqual(events, commit.events.slice(1, 3));
    assert.deepEqual(await store.eventsAfter(tenant, commit.head.sessionId, 4, 2), []);
  },
  'commits of one session that are in flight together are applied in order': async (store, tenant) => {
    const sessionId = randomUUID();
    const turns = Array.from({ length: 20 }, (_, at) =>
      commitOf({ tenant, sessionId, firstSeq: at + 1, payloads: [`${at}`] }),
    );
    await Promise.all(turns.map((turn) => store.commit(turn)));
    const loaded = await store.load(tenant, sessionId);
    assert.deepEqual(
      loaded?.events.map(textOf),
      turns.map((_, at) => `${at}`),
    );
    assert.equal(loaded?.head.seq, 20);
  },
};

const fencing: ContractRows<SessionStore> = {
  'of two owners that continue a session at the same seq exactly one succeeds': async (store, tenant) => {
    const start = commitOf({ tenant });
    await store.commit(start);
    const { sessionId } = start.head;
    const owners = ['a', 'b'].map((owner) => commitOf({ tenant, sessionId, firstSeq: 2, payloads: [owner, owner] }));
    const results = await Promise.allSettled(owners.map((commit) => store.commit(commit)));
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    await assertFault(store.commit(owners[1 - winner] ?? start), 'conflict', 'SESSION_FENCED');
    const owner = 'ab'[winner] ?? '';
    assert.deepEqual((await store.load(tenant, sessionId))?.events.map(textOf), ['started', owner, owner]);
  },
  'a session that begins twice, or continues before it began, is fenced': async (store, tenant) => {
    const start = commitOf({ tenant });
    await store.commit(start);
    const again = commitOf({ tenant, sessionId: start.head.sessionId, payloads: ['other'] });
    await assertFault(store.commit(again), 'conflict', 'SESSION_FENCED');
    await assertFault(store.commit(commitOf({ tenant, firstSeq: 2 })), 'conflict', 'SESSION_FENCED');
    await assertFault(
      store.commit(commitOf({ tenant, sessionId: start.head.sessionId, firstSeq: 3 })),
      'conflict',
      'SESSION_FENCED',
    );
  },
  'a fenced session fails alone among many that are committed with it': async (store, tenant) => {
    const taken = commitOf({ tenant });
    await store.commit(taken);
    const group = Array.from({ length: 50 }, () => commitOf({ tenant }));
    const zombie = commitOf({ tenant, sessionId: taken.head.sessionId, payloads: ['late'] });
    const results = await Promise.allSettled([...group, zombie, ...group].map((commit) => store.commit(commit)));
    assert.deepEqual(
      results.map(({ status }) => status),
      [...group.map(() => 'fulfilled'), 'rejected', ...group.map(() => 'fulfilled')],
    );
    const heads = await Promise.all(group.map(({ head }) => store.head(tenant, head.sessionId)));
    assert.deepEqual(
      heads.map((head) => head?.seq),
      group.map(() => 1),
    );
  },
  'the same commit again succeeds and changes nothing, also after the session went on': async (store, tenant) => {
    const start = commitOf({ tenant, payloads: ['one', 'two'] });
    const next = commitOf({ tenant, sessionId: start.head.sessionId, firstSeq: 3, payloads: ['three'] });
    await store.commit(start);
    await store.commit(start);
    await Promise.all([store.commit(start), store.commit(next)]);
    await store.commit(start);
    const loaded = await store.load(tenant, start.head.sessionId);
    assert.deepEqual(loaded?.events.map(textOf), ['one', 'two', 'three']);
    assert.equal(loaded?.head.seq, 3);
  },
};

const listing: ContractRows<SessionStore> = {
  'a tenant’s sessions are listed newest first, page by page, and filtered': async (store, tenant) => {
    const commits = Array.from({ length: 7 }, (_, at) =>
      commitOf({
        tenant,
        sessionId: `s${at}`,
        createdAtMs: 1_700_000_000_000 + Math.floor(at / 2),
        status: at % 2 === 0 ? 'done' : 'running',
        agent: at === 3 ? 'bank' : 'retail',
      }),
    );
    await Promise.all(commits.map((commit) => store.commit(commit)));
    const first = await store.list(tenant, { limit: 4 });
    assert.deepEqual(idsOf(first), ['s6', 's5', 's4', 's3']);
    const last = first.at(-1);
    assert.ok(last);
    assert.deepEqual(idsOf(await store.list(tenant, { limit: 4, before: last })), ['s2', 's1', 's0']);
    assert.deepEqual(idsOf(await store.list(tenant, { limit: 9, status: 'running' })), ['s5', 's3', 's1']);
    assert.deepEqual(idsOf(await store.list(tenant, { limit: 9, agent: 'bank', status: 'running' })), ['s3']);
    assert.deepEqual(await store.list(`${tenant}-none`, { limit: 9 }), []);
  },
  'the active sessions of a partition are found page by page, ended ones are not': async (store, tenant) => {
    const partition = Math.floor(Math.random() * 2 ** 31);
    const commits = ['a', 'b', 'c', 'd'].map((sessionId) => commitOf({ tenant, sessionId, partition }));
    await Promise.all(commits.map((commit) => store.commit(commit)));
    await store.commit(commitOf({ tenant, sessionId: 'b', partition, firstSeq: 2, status: 'done', active: false }));
    const first = await store.activeIn(partition, { limit: 2 });
    assert.deepEqual(idsOf(first), ['a', 'c']);
    const last = first.at(-1);
    assert.ok(last);
    assert.deepEqual(idsOf(await store.activeIn(partition, { limit: 2, after: last })), ['d']);
    assert.deepEqual(await store.activeIn(partition + 1, { limit: 2 }), []);
  },
};

const retiring: ContractRows<SessionStore> = {
  'a retired session leaves the active ones and keeps everything else': async (store, tenant) => {
    const partition = Math.floor(Math.random() * 2 ** 31);
    const commits = ['a', 'b', 'c'].map((sessionId) => commitOf({ tenant, sessionId, partition }));
    await Promise.all(commits.map((commit) => store.commit(commit)));
    await Promise.all(['a', 'a', 'c'].map((sessionId) => store.retire(tenant, sessionId, 1)));
    assert.deepEqual(idsOf(await store.activeIn(partition, { limit: 9 })), ['b']);
    assert.deepEqual(await store.head(tenant, 'a'), { ...commits[0]?.head, active: false });
  },
  'a session that went on stays active, and an unknown one is no fault': async (store, tenant) => {
    const partition = Math.floor(Math.random() * 2 ** 31);
    await store.commit(commitOf({ tenant, sessionId: 'a', partition }));
    await store.commit(commitOf({ tenant, sessionId: 'a', partition, firstSeq: 2 }));
    await store.retire(tenant, 'a', 1);
    await store.retire(tenant, 'none', 1);
    assert.deepEqual(idsOf(await store.activeIn(partition, { limit: 9 })), ['a']);
    await assertFault(store.retire(tenant, 'nul\0byte', 1), 'invalid', 'ID_INVALID');
  },
};

const refusing: ContractRows<SessionStore> = {
  'an id that cannot be stored is invalid and does not hurt the commits beside it': async (store, tenant) => {
    for (const sessionId of unstorableIds) {
      const beside = commitOf({ tenant });
      const results = await Promise.allSettled([
        store.commit(commitOf({ tenant, sessionId })),
        store.commit(beside),
        store.load(tenant, sessionId),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['rejected', 'fulfilled', 'rejected'],
      );
      await assertFault(store.commit(commitOf({ tenant, sessionId })), 'invalid', 'ID_INVALID');
    }
    await assertFault(store.commit(commitOf({ tenant, agent: 'a\0b' })), 'invalid', 'TEXT_INVALID');
  },
  'a page that is empty, endless or begins at an impossible place is invalid': async (store, tenant) => {
    for (const limit of [0, -1, 1.5, Number.NaN, 1e9]) {
      await assertFault(store.list(tenant, { limit }), 'invalid', 'LIMIT_INVALID');
      await assertFault(store.activeIn(1, { limit }), 'invalid', 'LIMIT_INVALID');
      await assertFault(store.eventsAfter(tenant, 's', 0, limit), 'invalid', 'LIMIT_INVALID');
    }
    const before = { createdAtMs: 1, sessionId: 'nul\0byte' };
    await assertFault(store.list(tenant, { limit: 1, before }), 'invalid', 'ID_INVALID');
    await assertFault(store.list(tenant, { limit: 1, agent: 'nul\0byte' }), 'invalid', 'TEXT_INVALID');
    await assertFault(store.activeIn(1.5, { limit: 1 }), 'invalid', 'NUMBER_INVALID');
  },
  'any other text comes back as it was': async (store, tenant) => {
    for (const text of storableIds) {
      const commit = commitOf({ tenant, sessionId: text, agent: text, userId: text, requestId: text, status: text });
      await store.commit(commit);
      assert.deepEqual(await store.head(tenant, text), commit.head);
    }
  },
  'a commit with a gap, without events, too large or with a number that does not fit is invalid': async (
    store,
    tenant,
  ) => {
    const commit = commitOf({ tenant, payloads: ['1', '2'] });
    await assertFault(store.commit({ ...commit, events: commit.events.toReversed() }), 'invalid', 'COMMIT_HAS_GAP');
    await assertFault(store.commit({ ...commit, events: [] }), 'invalid', 'COMMIT_HAS_GAP');
    await assertFault(store.commit(commitOf({ tenant, seq: 9 })), 'invalid', 'COMMIT_HAS_GAP');
    await assertFault(store.commit(commitOf({ tenant, partition: 2 ** 31 })), 'invalid', 'NUMBER_INVALID');
    await assertFault(store.commit(commitOf({ tenant, createdAtMs: 1.5 })), 'invalid', 'NUMBER_INVALID');
    await assertFault(store.commit(commitOf({ tenant, usage: { tokens: Number.NaN } })), 'invalid', 'NUMBER_INVALID');
    const large = commitOf({ tenant, payloads: ['x'.repeat(9 * 2 ** 20)] });
    await assertFault(store.commit(large), 'invalid', 'COMMIT_TOO_LARGE');
  },
};

export function sessionStoreContract(make: () => Promise<SessionStore> | SessionStore): void {
  runContract('SessionStore', { ...appending, ...fencing, ...listing, ...retiring, ...refusing }, make);
}
