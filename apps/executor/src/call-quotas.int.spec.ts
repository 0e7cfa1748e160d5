/** Quotas where calls run, over a real book. Windows last 1.5 s here instead of a minute: the tests outlast some of them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallQuota, Observation, ToolSpec } from '@toolfleet/kernel';
import { Catalogue } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { HttpClient } from '@toolfleet/platform/http';
import {
  Database,
  PostgresArtifactStore,
  PostgresEffectLedger,
  PostgresOpenEffects,
  PostgresQuotaStore,
  migrate,
} from '@toolfleet/platform/postgres';
import { newTenant } from '@toolfleet/platform/postgres/testing';
import { QuotaLeases } from '@toolfleet/platform/quota';
import { databaseForTests } from '@toolfleet/testkit';
import type { TestDatabase } from '@toolfleet/testkit';
import { CallQuotas } from './call-quotas.js';
import { ArtifactParts } from './drivers/artifact-parts.js';
import { BuiltinDriver } from './drivers/builtin-driver.js';
import { GrpcDriver } from './drivers/grpc-driver.js';
import { HttpDriver } from './drivers/http-driver.js';
import { SqlDriver } from './drivers/sql-driver.js';
import { Upstreams } from './drivers/upstreams.js';
import type { TestServer } from './executor.fixture.js';
import { callOf, catalogueOf, quiet, receiptKey, serve, toolOf, upstreamOf } from './executor.fixture.js';
import { CallRunner } from './run-call.js';
import { ObservationShaper } from './shape-observation.js';

const windowMs = 1_500;
/** A call counts when it gets room; it reaches the tool this much later at most, on a machine that is busy. */
const onTheWayMs = 300;
const read = toolOf();
const write = toolOf({ effect: 'write' });

let part: TestDatabase;
let database: Database;
let shop: TestServer;
let catalogue: Catalogue;
let http: HttpClient;
let breakers: Breakers;
let tenant: string;
/** When each call of a tenant reached the tool. */
let reachedAtMs: number[];

before(async () => {
  part = await databaseForTests();
  await migrate(part.url);
  database = new Database({ url: part.url, applicationName: 'call-quotas-spec' });
});
after(async () => {
  await database.close();
  await part.stop();
});
beforeEach(async () => {
  reachedAtMs = [];
  shop = await serve((_request, response) => {
    reachedAtMs.push(performance.now());
    response.end('{"done":true}');
  });
  catalogue = catalogueOf(upstreamOf(shop.url), read, write);
  http = new HttpClient();
  breakers = new Breakers();
  tenant = newTenant();
});
afterEach(async () => {
  shop.close();
  await http.close();
});

function tenantWith(name: string, ...quotas: CallQuota[]): void {
  const spec = { name, displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [], quotas };
  catalogue.put({ kind: 'Tenant', spec });
}

/** One process: its leases are its own, the book is everybody's. */
function executor(store = new PostgresQuotaStore(database)) {
  const leases = new QuotaLeases({ store });
  const short = {
    take: (...[quotas, amount]: Parameters<QuotaLeases['take']>) =>
      leases.take(
        quotas.map((quota) => ({ ...quota, windowMs })),
        amount,
      ),
  };
  const artifacts = new PostgresArtifactStore(database);
  const upstreams = new Upstreams({ breakers, gate: undefined });
  const runner = new CallRunner({
    catalogue,
    ledger: new PostgresEffectLedger(database),
    open: new PostgresOpenEffects(database),
    shaper: new ObservationShaper(artifacts),
    drivers: {
      http: new HttpDriver({ http, upstreams, catalogue }),
      builtin: new BuiltinDriver(new ArtifactParts({ artifacts })),
      sql: new SqlDriver({ upstreams, catalogue }),
      grpc: new GrpcDriver({ upstreams, catalogue }),
    },
    receiptKeys: [receiptKey],
    quotas: new CallQuotas(catalogue, short),
    owner: { ownerId: 'me', epoch: 100n },
  });
  return async (tool: ToolSpec, of = tenant): Promise<Observation> => {
    const { observation, kept } = await runner.run(callOf(tool, { tenant: of }), quiet, quiet);
    await kept;
    return observation;
  };
}
const says = ({ outcome, refusal }: Observation) => (refusal ? `${outcome} ${refusal.reason}` : outcome);
const times = <T>(count: number, work: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

describe('the quota of a tenant', () => {
  it('counts calls of databases and gRPC services by their names, as those of upstreams', async () => {
    tenantWith(tenant, { toolClass: '*', upstream: 'music', callsPerMinute: 1 });
    const sql = { database: 'music', statement: 'SELECT 1', types: {}, rowsMax: 1 };
    const tools = [
      toolOf({ name: 'ask', driver: 'sql', http: undefined, sql }),
      toolOf({ name: 'call', driver: 'grpc', http: undefined, grpc: { service: 'music', method: 'a.B/C' } }),
    ];
    for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
    const run = executor();
    assert.equal(says(await run(tools[0]!)), 'failed UPSTREAM_UNKNOWN');
    assert.equal(says(await run(tools[1]!)), 'shed QUOTA_EXCEEDED');
  });

  it('sheds calls beyond it with a wait that is true, and touches no other tenant', async () => {
    const other = newTenant();
    tenantWith(tenant, { toolClass: 'read', upstream: '*', callsPerMinute: 5 });
    tenantWith(other, { toolClass: 'read', upstream: '*', callsPerMinute: 5 });
    const run = executor();
    const ends = (await times(8, () => run(read))).map(says).toSorted();
    assert.deepEqual(ends, [...Array(5).fill('ok'), ...Array(3).fill('shed QUOTA_EXCEEDED')]);
    const { refusal } = await run(read);
    assert.deepEqual([refusal?.kind, refusal?.retryable, refusal?.remainingBudget], ['overloaded', true, 0]);
    assert.deepEqual([refusal?.details['limit'], refusal?.details['windowMs']], ['5', String(windowMs)]);
    assert.ok(Number(refusal?.details['resetsInMs']) > 0 && refusal?.hint);
    assert.deepEqual((await times(5, () => run(read, other))).map(says), Array(5).fill('ok'));
    assert.equal(shop.requests.length, 10);
    await sleep(refusal!.retryAfterMs!);
    assert.equal(says(await run(read)), 'ok');
  });

  it('is for what it names: other classes run on, and a write without room never happened', async () => {
    tenantWith(
      tenant,
      { toolClass: 'read', upstream: 'shop', callsPerMinute: 1 },
      { toolClass: 'write', upstream: '*', callsPerMinute: 1 },
    );
    const run = executor();
    const ends = [await run(read), await run(read), await run(write), await run(write)].map(says);
    assert.deepEqual(ends, ['ok', 'shed QUOTA_EXCEEDED', 'ok', 'shed QUOTA_EXCEEDED']);
    assert.equal(shop.requests.length, 2);
  });

  it('has the ceiling of the operators above it, from the moment the ceiling is in the catalogue', async () => {
    tenantWith(tenant, { toolClass: '*', upstream: '*', callsPerMinute: 1_000 });
    const run = executor();
    assert.equal(says(await run(read)), 'ok');
    const quotas = [{ toolClass: 'read', upstream: '*', callsPerMinute: 2 }];
    catalogue.put({ kind: 'QuotaCeiling', spec: { name: 'low', tenants: [tenant], quotas } });
    const ends = (await times(4, () => run(read))).map(says);
    assert.equal(ends.filter((end) => end === 'ok').length, 2);
  });

  it('is shared by executors without one call too many in any window, and almost all of it is used', async () => {
    const limit = 60;
    tenantWith(tenant, { toolClass: 'read', upstream: '*', callsPerMinute: limit });
    const executors = [executor(), executor(), executor()];
    const endsAtMs = performance.now() + 3 * windowMs;
    await times(24, async (at) => {
      while (performance.now() < endsAtMs) {
        // oxlint-disable-next-line no-await-in-loop -- a client that tries again and again
        await executors[at % executors.length]!(read);
        // oxlint-disable-next-line no-await-in-loop
        await sleep(20);
      }
    });
    for (const from of reachedAtMs) {
      const inside = reachedAtMs.filter((at) => at >= from && at < from + windowMs - onTheWayMs).length;
      assert.ok(inside <= limit, `${inside} calls in one window`);
    }
    // Two whole windows at 15 parts in 16, less a chunk (an eighth) that each of three may hold at either end.
    assert.ok(reachedAtMs.length >= 2 * limit * (15 / 16 - 3 / 8), `${reachedAtMs.length} calls`);
  });

  it('asks the book once for many calls, and not at all for tenants without quotas', async () => {
    let leases = 0;
    const store = new PostgresQuotaStore(database);
    const lease = store.lease.bind(store);
    store.lease = (asks) => ((leases += 1), lease(asks));
    const run = executor(store);
    await times(20, () => run(read));
    assert.equal(leases, 0);
    tenantWith(tenant, { toolClass: '*', upstream: '*', callsPerMinute: 10_000 });
    await times(200, () => run(read));
    assert.ok(leases <= 10, `${leases} requests for 200 calls`);
  });
});
