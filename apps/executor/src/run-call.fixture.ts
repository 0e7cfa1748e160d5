/** What the specs of running calls share: a shop, a ledger on a real Postgres, and a runner between them. */
import { after, afterEach, before, beforeEach } from 'node:test';
import type { AuthorisedCall, Catalogue, Fault, Observation, ToolCall } from '@toolfleet/kernel';
import { hexDigestOf } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import type { AdaptiveGateOptions, BreakerOptions } from '@toolfleet/platform/breaker';
import { HttpClient } from '@toolfleet/platform/http';
import {
  Database,
  PostgresArtifactStore,
  PostgresEffectLedger,
  PostgresOpenEffects,
  migrate,
} from '@toolfleet/platform/postgres';
import type { EffectLedger, EffectOwner, OpenEffects } from '@toolfleet/platform/postgres';
import { databaseForTests } from '@toolfleet/testkit';
import type { TestDatabase } from '@toolfleet/testkit';
import { ArtifactParts } from './drivers/artifact-parts.js';
import { BuiltinDriver } from './drivers/builtin-driver.js';
import { GrpcDriver } from './drivers/grpc-driver.js';
import { HttpDriver } from './drivers/http-driver.js';
import { SqlDriver } from './drivers/sql-driver.js';
import { Upstreams } from './drivers/upstreams.js';
import type { TestServer } from './executor.fixture.js';
import { catalogueOf, quiet, receiptKey, serve, toolOf, upstreamOf } from './executor.fixture.js';
import { CallRunner } from './run-call.js';
import { ObservationShaper } from './shape-observation.js';

export const read = toolOf();
export const write = toolOf({ effect: 'write' });
export const idempotent = toolOf({ effect: 'write', name: 'payOnce', idempotent: true });
export const wait = toolOf({ name: 'wait', driver: 'builtin' });

let part: TestDatabase;
let database: Database;
export let ledger: EffectLedger;
export let open: OpenEffects;
export let shop: TestServer;
export let catalogue: Catalogue;
export let http: HttpClient;
let breakers: Breakers;
let gate: AdaptiveGateOptions | undefined;

before(async () => {
  part = await databaseForTests();
  await migrate(part.url);
  database = new Database({ url: part.url, applicationName: 'run-call-spec' });
  ledger = new PostgresEffectLedger(database);
  open = new PostgresOpenEffects(database);
});
after(async () => {
  await database.close();
  await part.stop();
});
beforeEach(async () => {
  shop = await serve((_request, response) => response.end('{"done":true}'));
  catalogue = catalogueOf(upstreamOf(shop.url), read, write, idempotent, wait);
  http = new HttpClient();
  breakers = new Breakers();
  gate = undefined;
});
afterEach(async () => {
  shop.close();
  await http.close();
});

export const me: EffectOwner = { ownerId: 'me', epoch: 100n };
export const other: EffectOwner = { ownerId: 'other', epoch: 500n };

export function runner(
  owner = me,
  instead: Partial<EffectLedger> = {},
  enter = (): Promise<unknown> | undefined => undefined,
  killed?: (call: ToolCall) => Fault | undefined,
) {
  const artifacts = new PostgresArtifactStore(database);
  const upstreams = new Upstreams({ breakers, gate });
  return new CallRunner({
    ...(killed && { killed }),
    catalogue,
    ledger: {
      begin: instead.begin ?? ((entry) => ledger.begin(entry)),
      takeOver: instead.takeOver ?? ((key, from, to) => ledger.takeOver(key, from, to)),
      settle: instead.settle ?? ((held, outcome, bytes) => ledger.settle(held, outcome, bytes)),
    },
    open,
    shaper: new ObservationShaper(artifacts),
    drivers: {
      http: new HttpDriver({ http, upstreams, catalogue }),
      builtin: new BuiltinDriver(new ArtifactParts({ artifacts })),
      sql: new SqlDriver({ upstreams, catalogue }),
      grpc: new GrpcDriver({ upstreams, catalogue }),
    },
    receiptKeys: [receiptKey],
    quotas: { enter },
    owner,
  });
}

/** The observation, once the ledger holds it. */
export async function run(call: AuthorisedCall, owned = quiet, cancelled = quiet, by = runner(), shed?: Fault) {
  const { observation, kept } = await by.run(call, owned, cancelled, shed);
  await kept;
  return observation;
}
export const entryOf = (call: AuthorisedCall) => ({ ...call, argumentsDigest: hexDigestOf(call.arguments) });
export const says = ({ outcome, refusal }: Observation) => (refusal ? `${outcome} ${refusal.reason}` : outcome);

/** What the ledger holds: its outcome, or that it still executes. */
export async function held(call: AuthorisedCall): Promise<string> {
  const begun = await ledger.begin({ ...entryOf(call), ownerId: 'probe', epoch: 1n });
  return begun.state === 'settled' ? begun.outcome : begun.state;
}

/** For the rest of the test. */
export function freshBreakers(options: BreakerOptions = {}): void {
  breakers = new Breakers(options);
}

/** For the rest of the test; without it upstreams take any number of calls. */
export function limitUpstreams(options: AdaptiveGateOptions): void {
  gate = options;
}
