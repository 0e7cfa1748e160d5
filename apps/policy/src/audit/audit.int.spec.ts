import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  auditService,
  decodeAuditKeys,
  decodeErasedSubject,
  decodeExportedLines,
  decodeListedAudit,
  encodeAuditRecords,
  encodeEraseSubject,
  encodeExportAudit,
  encodeListAudit,
  encodeObservation,
  encodeUnsignedCall,
} from '@toolfleet/contracts';
import type { AuditRecord, Fault, LogReport } from '@toolfleet/kernel';
import { AuditLogVerifier, digestOf, fleetAuditTenant, unreachable } from '@toolfleet/kernel';
import { GrpcClient } from '@toolfleet/platform/grpc';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import {
  AuditStore,
  PostgresEffectLedger,
  PostgresOpenEffects,
  PostgresSessionStore,
  SubjectKeyStore,
} from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import { policyRole } from '../policy.role.js';
import { AuditKeeper, type AuditKeeperOptions } from './audit-keeper.js';
import { SubjectKeyRing } from './subject-key-ring.js';
import { SubjectKeys } from './subject-keys.js';

const within = { withinMs: 15_000 };
let rig: RoleRig;
let client: GrpcClient;

before(async () => {
  rig = await startRoleRig({ roles: [policyRole], environment: process.env });
  const scopes = ['audit:read', 'audit:erase', 'operator'] as const;
  const headers = { authorization: await rig.issuer.authorization('', { user: 'officer', scopes }) };
  client = new GrpcClient({ address: rig.grpcAddress, deadlineMs: 10_000, headers });
});

after(async () => {
  client?.close();
  await rig?.stop();
});

function record(tenant: string, name: string, facts: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ tenant, id: name, sessionId: 's1', callId: 's1:1:0', atMs: Date.now(), recordedBy: 'spec', actor: 'ada' },
    ...{ action: 'CALL_JUDGED', decision: 'allowed', tool: 'pay', toolVersion: '1', effect: 'write', agent: 'shop' },
    ...{
      argumentsDigest: digestOf(name),
      policyRevision: 'p',
      rule: 'r',
      outcome: '',
      latencyMs: 0,
      idempotencyKey: 'k',
    },
    ...facts,
  };
}

/** Postgres has no such time. */
const unstorable = (tenant: string): AuditRecord => record(tenant, 'bad', { atMs: Number.MAX_SAFE_INTEGER });

function keeperOn(store: AuditKeeperOptions['store']): AuditKeeper {
  const { database } = rig.running.context;
  const ring = new SubjectKeyRing([process.env['TOOLFLEET_AUDIT_SUBJECT_KEY']!]);
  const keys = new SubjectKeys(new SubjectKeyStore(database), ring);
  return new AuditKeeper({ store, keys, onAppended: () => undefined, onFailed: () => undefined });
}

const send = (...records: AuditRecord[]) => Promise.all(records.map((one) => rig.running.context.outlet.audit(one)));

const list = async (tenant: string, sessionId = '') =>
  decodeListedAudit(
    await client.unary(`${auditService}/ListAudit`, encodeListAudit({ tenant, sessionId, beforeSeq: 0, pageSize: 0 })),
  );

const stored = (tenant: string, count: number) =>
  eventually(async () => {
    const entries = await list(tenant);
    return entries.length >= count ? entries : undefined;
  }, within);

async function exported(tenant: string, { open = false, afterSeq = 0 } = {}): Promise<string> {
  const request = encodeExportAudit({ tenant, afterSeq, open });
  const parts: Uint8Array[] = [];
  for await (const bytes of client.stream(`${auditService}/ExportAudit`, request, new AbortController().signal)) {
    parts.push(decodeExportedLines(bytes));
  }
  return Buffer.concat(parts).toString();
}

async function verified(log: string, after?: number): Promise<LogReport> {
  const keys = decodeAuditKeys(await client.unary(`${auditService}/GetAuditKeys`, Buffer.alloc(0)));
  const verifier = new AuditLogVerifier(
    keys.map(({ key }) => key),
    { after },
  );
  for (const line of log.split('\n').slice(0, -1)) verifier.line(Buffer.from(line));
  return verifier.end();
}

describe('the audit', () => {
  test('stores what is recorded in order, each fact once, and exports a log that verifies', async () => {
    const tenant = 'order';
    await send(record(tenant, 'a'), record(tenant, 'b'));
    await send(record(tenant, 'a'), record(tenant, 'c'), record(tenant, 'b'));
    await stored(tenant, 3);
    await send(record(tenant, 'c'), record(tenant, 'd'));
    const entries = await stored(tenant, 4);
    assert.deepEqual(
      entries.map(({ seq, actor, text }) => [seq, actor, (JSON.parse(text) as { id: string }).id]),
      [
        [4, 'ada', 'd'],
        [3, 'ada', 'c'],
        [2, 'ada', 'b'],
        [1, 'ada', 'a'],
      ],
    );
    const report = await verified(await exported(tenant));
    assert.deepEqual([report.ok, report.entries, report.signedSeq, report.unsignedTail], [true, 4, 4, 0]);
    const rest = await exported(tenant, { afterSeq: 2 });
    assert.deepEqual([(await verified(rest, 2)).ok, (await verified(rest, 2)).entries], [true, 2]);
  });

  test('says who acted to whoever may ask it, and to nobody who has the database or the log alone', async () => {
    const tenant = 'people';
    await send(
      record(tenant, 'a', {
        actor: 'boss@example.com',
        subject: 'ada@example.com',
        action: 'CALL_APPROVED',
        comment: 'fine by me',
      }),
    );
    const [entry] = await stored(tenant, 1);
    const { actor, subject, comment, argumentsDigest } = entry!;
    assert.deepEqual([actor, subject, comment], ['boss@example.com', 'ada@example.com', 'fine by me']);
    const plain = Buffer.from(digestOf('a')).toString('hex');
    assert.match(argumentsDigest, /^[0-9a-f]{64}$/);
    const log = await exported(tenant);
    for (const secret of ['boss@example.com', 'ada@example.com', 'fine by me', plain])
      assert.ok(!log.includes(secret), secret);
    const open = await exported(tenant, { open: true });
    assert.ok((await verified(open)).ok);
    assert.match(open, /"keys":\["[0-9a-f]{64}","[0-9a-f]{64}","[0-9a-f]{64}"\]/);
  });

  test('is one chain when two replicas and a zombie write the same records to it at once', async () => {
    const tenant = 'zombie';
    const store = new AuditStore(rig.running.context.database);
    const records = Array.from({ length: 40 }, (_, at) => record(tenant, `r${at}`));
    const writers = [keeperOn(store), keeperOn(store), keeperOn(store)];
    const adds = writers.flatMap((writer, shift) =>
      records.map(async (_, at) => {
        const one = records[(at * (shift + 1)) % records.length]!;
        // What a zombie is refused it tries again, as its consumer would.
        for (;;) {
          const added = await writer.add({ records: [one], place: `0:${at}` }).then(
            () => true,
            () => false,
          );
          if (added) return;
        }
      }),
    );
    await Promise.all([...adds, send(...records)]);
    const { ok, entries } = await verified(await exported(tenant));
    assert.deepEqual([ok, entries], [true, 40]);
  });

  test('goes on over a restart with the same chain and the same people', async () => {
    const tenant = 'restart';
    await send(record(tenant, 'a'));
    await stored(tenant, 1);
    await rig.restart();
    await send(record(tenant, 'a'), record(tenant, 'b'));
    const entries = await stored(tenant, 2);
    assert.deepEqual(
      entries.map(({ actor }) => actor),
      ['ada', 'ada'],
    );
    assert.ok((await verified(await exported(tenant))).ok);
  });

  test('takes what belongs to no tenant, and what has no id by its place', async () => {
    await send(record('', 'x', { id: undefined, action: 'CALLER_REFUSED', actor: '' }));
    const [entry] = await stored(fleetAuditTenant, 1);
    assert.match((JSON.parse(entry!.text) as { id: string }).id, /^bus\/\d+:\d+\/0$/);
  });

  test('is not held up by an entry that cannot be stored: its record becomes a dead letter, and what others told in it is stored', async () => {
    const { context } = rig.running;
    const bytes = encodeAuditRecords([unstorable('poison'), record('bystander', 'beside')]);
    const partition = context.placement.homeOf('poison');
    await context.producer.send({ topic: context.names.of('audit'), partition, key: '', value: bytes });
    await send(record('poison', 'good'));
    const [[good], [beside]] = await Promise.all([stored('poison', 1), stored('bystander', 1)]);
    assert.deepEqual(
      [good, beside].map((entry) => (JSON.parse(entry!.text) as { id: string }).id),
      ['good', 'beside'],
    );
    assert.ok(await eventually(async () => (await rig.records('deadletter')).length === 1, within));
  });

  test('tries a record again of which something may still be stored, whatever came with it', async () => {
    const store = new AuditStore(rig.running.context.database);
    const away: AuditKeeperOptions['store'] = {
      heads: (tenants) => store.heads(tenants),
      append: (appends, usage) => {
        if (appends.length === 1 && appends[0]!.tenant === 'away') throw unreachable('DATABASE_UNREACHABLE', 'Away.');
        return store.append(appends, usage);
      },
    };
    const keeper = keeperOn(away);
    const records = [unstorable('poison'), record('away', 'a')];
    const fault = await keeper.add({ records, place: '0:0' }).catch((error: unknown) => error as Fault);
    assert.equal(fault?.reason, 'DATABASE_UNREACHABLE');
  });

  test('gathers what many tenants tell into few records of the bus', async () => {
    const { partitions } = rig.running.context.placement;
    const before = (await rig.records('audit')).length;
    const tenants = Array.from({ length: 200 }, (_, at) => `little-${at}`);
    await send(...tenants.map((tenant) => record(tenant, 'a')));
    assert.ok((await rig.records('audit')).length - before <= partitions);
    await Promise.all(tenants.map((tenant) => stored(tenant, 1)));
  });

  test('adds up what was called on a day', async () => {
    const tenant = 'usage';
    await send(record(tenant, 'a'), record(tenant, 'b'));
    const ended = { action: 'CALL_EXECUTED', decision: undefined, outcome: 'timedOut' };
    await send(record(tenant, 'a'), record(tenant, 'e', ended), record(tenant, 'o', { ...ended, agent: undefined }));
    await stored(tenant, 4);
    const rows = await rig.running.context.database.query(
      {
        name: '',
        text: 'select tool, agent, calls, writes, failures from tool_usage where tenant = $1 order by agent',
      },
      [tenant],
    );
    assert.deepEqual(rows, [
      { tool: 'pay', agent: '', calls: 0, writes: 0, failures: 1 },
      { tool: 'pay', agent: 'shop', calls: 2, writes: 2, failures: 1 },
    ]);
  });
});

const unknownEndOf = (callId: string) => ({
  ...{ callId, outcome: 'indeterminate' as const, startedAtMs: 1, finishedAtMs: 2, resultBytes: 0 },
});

describe('the erasure of a person', () => {
  const erase = async (tenant: string, subject: string, reason = 'asked for it') =>
    decodeErasedSubject(
      await client.unary(
        `${auditService}/EraseSubject`,
        encodeEraseSubject({ tenant, subject, actor: 'officer', reason }),
      ),
    );

  /** Two of ada and one of bob; s2 runs. */
  async function threeSessions(tenant: string): Promise<PostgresSessionStore> {
    const store = new PostgresSessionStore(rig.running.context.database);
    const now = Date.now();
    const head = (sessionId: string, userId: string) => ({
      ...{ tenant, sessionId, userId, partition: 0, status: 'completed', active: true, agent: 'shop', seq: 1 },
      ...{ requestId: sessionId, nextWakeAtMs: null, usage: {}, createdAtMs: now, updatedAtMs: now },
    });
    const events = [{ seq: 1, type: 'started', atMs: now, payload: Buffer.from('what ada said') }];
    for (const [sessionId, user] of [
      ['s1', 'ada'],
      ['s2', 'ada'],
      ['s3', 'bob'],
    ] as const) {
      await store.commit({ head: head(sessionId, user), firstSeq: 1, events });
    }
    await Promise.all([store.retire(tenant, 's1', 1), store.retire(tenant, 's3', 1)]);
    return store;
  }

  test('leaves the chain as it was, says nothing of the person any more, and is an entry itself', async () => {
    const tenant = 'erasure';
    await send(
      record(tenant, 'a'),
      record(tenant, 'b', { actor: 'bob' }),
      record(tenant, 'c', { actor: 'ada', comment: 'x' }),
    );
    await stored(tenant, 3);
    assert.deepEqual(await erase(tenant, 'ada'), { keys: 1, sessions: 0, running: 0 });
    const entries = (await stored(tenant, 4)).toReversed();
    assert.deepEqual(
      entries.map(({ actor, comment }) => [actor, comment]),
      [
        ['', ''],
        ['bob', ''],
        ['', ''],
        ['officer', 'asked for it'],
      ],
    );
    assert.match(entries[3]!.text, /"action":"SUBJECT_ERASED"/);
    const open = await exported(tenant, { open: true });
    assert.deepEqual([(await verified(open)).ok, (await verified(open)).entries], [true, 4]);
    assert.deepEqual(await erase(tenant, 'ada'), { keys: 0, sessions: 0, running: 0 });
  });

  test('deletes the history of sessions that ended, and says which still run', async () => {
    const tenant = 'history';
    const store = await threeSessions(tenant);
    assert.deepEqual(await erase(tenant, 'ada'), { keys: 0, sessions: 1, running: 1 });
    const left = await Promise.all(['s1', 's2', 's3'].map((id) => store.load(tenant, id)));
    assert.deepEqual(
      left.map((one) => one?.events.length),
      [undefined, 1, 1],
    );
  });

  test('deletes their writes of unknown end, also of a session that is gone, and of no session that still runs', async () => {
    const tenant = 'unknown-writes';
    await threeSessions(tenant);
    const { database } = rig.running.context;
    const [ledger, open] = [new PostgresEffectLedger(database), new PostgresOpenEffects(database)];
    const sessions = { s1: 'ada', s2: 'ada', s3: 'bob', gone: 'ada' };
    for (const [at, [sessionId, user]] of Object.entries(sessions).entries()) {
      const call = {
        ...{
          tenant,
          sessionId,
          callId: `${sessionId}:1:0`,
          tool: 'pay',
          toolVersion: '1',
          toolClass: 'pay',
          user,
          agent: 'shop',
        },
        ...{ effect: 'write' as const, arguments: Buffer.from('{}'), conflictKey: '', idempotencyKey: 'k' },
        ...{ deadlineAtMs: 1, timeoutMs: 1, openedAtMs: at, ownerId: 'e', epoch: 1n, argumentsDigest: 'd' },
      };
      await ledger.begin(call);
      await open.note({ ...call, nextTryAtMs: null, call: encodeUnsignedCall(call) });
      await ledger.settle(call, 'unknown', encodeObservation(unknownEndOf(call.callId)));
    }
    await erase(tenant, 'ada');
    const left = await open.unknown({ tenant, limit: 10 });
    assert.deepEqual(
      left.map(({ sessionId }) => sessionId),
      ['s2', 's3'],
    );
  });

  test('names who asks for it and why', async () => {
    await assert.rejects(erase('erasure', 'ada', ' '), { kind: 'invalid', reason: 'FIELD_MISSING' });
  });
});
