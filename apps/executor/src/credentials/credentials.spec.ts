import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { CredentialSpec } from '@toolfleet/kernel';
import { isFault, limits } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { Secret } from '@toolfleet/platform/config';
import { SecretFiles, TokenSeal } from '@toolfleet/platform/credentials';
import { HttpClient } from '@toolfleet/platform/http';
import { eventually } from '@toolfleet/testkit';
import { quiet, tenant } from '../executor.fixture.js';
import type { CredentialsOptions, ResolvedCredential } from './credentials.js';
import { Credentials } from './credentials.js';
import { ExchangedTokens, keptMsOf } from './exchanged-tokens.js';
import type { IdentityProvider } from './identity-provider.fixture.js';
import { startIdentityProvider, tokenOf } from './identity-provider.fixture.js';
import { SubjectTokens } from './subject-tokens.js';

const headers = { Authorization: 'Bearer {credential}' };
const variables: Record<string, string> = {
  TOOLFLEET_CREDENTIAL_IDP: 'the fleet s:secret',
  TOOLFLEET_CREDENTIAL_SHOP: 'shop',
};
const variable = (name: string) => variables[name];
const seal = new TokenSeal([new Secret('a key of thirty-two characters, 1')]);
const http = new HttpClient();

let directory: string;
let provider: IdentityProvider;
let nowMs: number;
let subjects: Map<string, { token: string; expiresAtMs: number }>;
let credentials: Credentials;
before(async () => {
  provider = await startIdentityProvider();
});
after(async () => {
  provider.server.close();
  await http.close();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-credentials-'));
  provider.asked.length = 0;
  provider.answer = () => undefined;
  nowMs = Date.now();
  subjects = new Map([
    ['s1', { token: 'subject-of-s1', expiresAtMs: Date.now() + 3_600_000 }],
    ['s2', { token: 'subject-of-s2', expiresAtMs: Date.now() + 3_600_000 }],
  ]);
  credentials = created();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function created(onWaiting?: CredentialsOptions['onWaiting']): Credentials {
  const store = {
    find: async (ofTenant: string, sessionId: string, atMs: number) => {
      const found = subjects.get(sessionId);
      if (!found || found.expiresAtMs <= atMs) return undefined;
      const owner = { tenant: ofTenant, sessionId };
      return { ...owner, sealed: seal.seal(found.token, owner), expiresAtMs: found.expiresAtMs };
    },
  };
  const breakers = new Breakers({ callsMin: 3 });
  const tokens = new ExchangedTokens({ http, breakers, now: () => nowMs });
  return new Credentials({
    files: new SecretFiles({ directory, checkEveryMs: 0 }),
    exchange: { subjects: new SubjectTokens({ store, seal }), tokens },
    variable,
    onWaiting,
  });
}

interface Use {
  readonly sessionId?: string;
  readonly user?: string;
  readonly tenant?: string;
  readonly deadlineAtMs?: number;
  readonly secrets?: Set<string>;
}

const useOf = ({ secrets, ...call }: Use = {}) => ({
  call: { tenant, user: 'u1', sessionId: 's1', toolClass: 'read', deadlineAtMs: Date.now() + 5_000, ...call },
  signal: quiet,
  secrets,
});
const of = async (spec: Omit<CredentialSpec, 'headers'>, use: Use = {}, destination = 'crm') =>
  credentials.of(destination, { headers, ...spec }, useOf(use));
const valueOf = async (spec: Omit<CredentialSpec, 'headers'>, use: Use = {}, destination = 'crm') =>
  (await of(spec, use, destination)).headers['authorization'];
const exchange = () => ({ exchange: provider.spec });
const renewed = (spec: Omit<CredentialSpec, 'headers'>, before: ResolvedCredential) =>
  credentials.renewed('crm', { headers, ...spec }, useOf(), before);

/** The endpoint takes what it is asked and answers once `work` is over, or ends it. */
async function whileHanging(work: (open: readonly (() => void)[]) => Promise<void>): Promise<void> {
  const open: (() => void)[] = [];
  const { answer } = provider.server;
  provider.server.answer = (_request, response) => void open.push(() => response.end());
  try {
    await work(open);
  } finally {
    for (const end of open) end();
    provider.server.answer = answer;
  }
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'nothing thrown',
    (thrown: unknown) => thrown,
  );
  assert.ok(isFault(error), String(error));
  assert.equal(error.details['sent'] ?? 'no', 'no');
  return `${error.kind} ${error.reason}`;
}

describe('a static credential', () => {
  it('is a variable that is meant for tools, or a file', async () => {
    await writeFile(join(directory, 'shop-token'), 'from a file\n');
    assert.equal(await valueOf({ static: { env: 'TOOLFLEET_CREDENTIAL_SHOP' } }), 'Bearer shop');
    assert.equal(await valueOf({ static: { file: 'shop-token' } }), 'Bearer from a file');
    assert.equal(await reasonOf(of({ static: { env: 'PATH' } })), 'broken CREDENTIAL_MISSING');
    assert.equal(await reasonOf(of({ static: { file: 'other' } })), 'broken CREDENTIAL_MISSING');
  });

  it('is told to whoever must not show it', async () => {
    const secrets = new Set<string>();
    await of({ static: { env: 'TOOLFLEET_CREDENTIAL_SHOP' } }, { secrets });
    assert.deepEqual([...secrets], ['shop']);
  });

  it('is renewed only by another value', async () => {
    const spec = { static: { file: 'shop-token' } };
    await writeFile(join(directory, 'shop-token'), 'first');
    const first = await of(spec);
    assert.equal(await renewed(spec, first), undefined);
    await writeFile(join(directory, 'shop-token'), 'second one');
    assert.equal((await renewed(spec, first))?.headers['authorization'], 'Bearer second one');
  });
});

describe('a credential of each tenant', () => {
  it("is the file of the tenant's name, and nobody else's", async () => {
    await mkdir(join(directory, 'shop'));
    await writeFile(join(directory, 'shop', 'acme'), 'of acme');
    await writeFile(join(directory, 'outer'), 'of nobody');
    const spec = { perTenant: { directory: 'shop' } };
    assert.equal(await valueOf(spec, { tenant: 'acme' }), 'Bearer of acme');
    assert.equal(await reasonOf(of(spec, { tenant: 'tiny' })), 'broken CREDENTIAL_MISSING');
    assert.equal(await reasonOf(of(spec, { tenant: '../outer' })), 'broken CREDENTIAL_MISSING');
  });
});

describe('an exchanged credential', () => {
  it("is asked for as RFC 8693 has it, with the user's token and the fleet's own secret", async () => {
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-1');
    const basic = Buffer.from('toolfleet:the+fleet+s%3Asecret').toString('base64');
    assert.deepEqual(provider.asked, [
      {
        authorization: `Basic ${basic}`,
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: 'subject-of-s1',
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          audience: 'crm',
          scope: 'read write',
        },
      },
    ]);
  });

  it('may have the secret of the fleet in the body', async () => {
    await of({ exchange: { ...provider.spec, client: { ...provider.spec.client, authentication: 'post' } } });
    const [{ authorization, form }] = provider.asked as [IdentityProvider['asked'][0]];
    assert.deepEqual(
      [authorization, form['client_id'], form['client_secret']],
      [undefined, 'toolfleet', 'the fleet s:secret'],
    );
  });

  it('is asked for once by calls that need it at one time, and kept until shortly before it expires', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => valueOf(exchange())));
    assert.deepEqual(new Set(all), new Set(['Bearer exchanged-token-1']));
    nowMs += keptMsOf(3_600_000) - 1_000;
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-1');
    nowMs += 2_000;
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-2');
  });

  it('is kept for half of its life where that is short, and for an hour at most', () => {
    assert.deepEqual([20_000, 60_000, 600_000, 1e12, 0].map(keptMsOf), [10_000, 30_000, 570_000, 3_570_000, 0]);
  });

  it('is never shared between tenants, users, destinations or the tokens that sessions came with', async () => {
    await valueOf(exchange());
    assert.equal(await valueOf(exchange(), { user: 'u2' }), 'Bearer exchanged-token-2');
    assert.equal(await valueOf(exchange(), { tenant: 'tiny' }), 'Bearer exchanged-token-3');
    assert.equal(await valueOf(exchange(), {}, 'other'), 'Bearer exchanged-token-4');
    assert.equal(await valueOf(exchange(), { sessionId: 's2' }), 'Bearer exchanged-token-5');
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-1');
  });

  it('is refused without a valid token of the user, whatever others of that name hold', async () => {
    await valueOf(exchange());
    assert.equal(await reasonOf(of(exchange(), { sessionId: 's3' })), 'denied SUBJECT_TOKEN_MISSING');
    subjects.set('s3', { token: 'too late', expiresAtMs: Date.now() - 1 });
    assert.equal(await reasonOf(of(exchange(), { sessionId: 's3' })), 'denied SUBJECT_TOKEN_MISSING');
  });

  it('tells whose fault a refusal is, by the code alone', async () => {
    const rows = [
      [
        400,
        { error: 'invalid_grant', error_description: 'subject-of-s1 is not known here' },
        'denied CREDENTIAL_REFUSED',
      ],
      [400, { error: 'invalid_target' }, 'denied CREDENTIAL_REFUSED'],
      [401, { error: 'invalid_client' }, 'broken CREDENTIAL_REFUSED'],
      [403, 'subject-of-s1', 'broken CREDENTIAL_REFUSED'],
      [429, {}, 'overloaded CREDENTIAL_RATE_LIMITED'],
      [200, { token_type: 'Bearer' }, 'broken CREDENTIAL_INVALID'],
      [200, tokenOf('two\r\nlines'), 'broken CREDENTIAL_INVALID'],
      [503, {}, 'unreachable CREDENTIAL_UNREACHABLE'],
    ] as const;
    for (const [status, body, expected] of rows) {
      credentials = created();
      provider.answer = () => ({ status, body });
      // oxlint-disable-next-line no-await-in-loop -- one answer follows another
      assert.equal(await reasonOf(of(exchange())), expected);
    }
  });

  it('asks once where a crowd is refused, and again a second later', async () => {
    provider.answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
    for (let at = 0; at < 5; at++) assert.equal(await reasonOf(of(exchange())), 'denied CREDENTIAL_REFUSED');
    assert.equal(provider.asked.length, 1);
    nowMs += 1_001;
    provider.answer = () => undefined;
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-2');
  });

  it('uses the newer token that a session was given meanwhile', async () => {
    provider.answer = ({ form }) =>
      form['subject_token'] === 'subject-of-s1' ? { status: 400, body: { error: 'invalid_grant' } } : undefined;
    await reasonOf(of(exchange()));
    subjects.set('s1', { token: 'newer', expiresAtMs: Date.now() + 60_000 });
    assert.equal(await valueOf(exchange()), 'Bearer exchanged-token-2');
  });

  it('stands behind a breaker of its own', async () => {
    provider.answer = () => ({ status: 503, body: {} });
    const ends = [];
    for (let at = 0; at < 6; at++) ends.push(await reasonOf(of(exchange())));
    assert.equal(ends.at(0), 'unreachable CREDENTIAL_UNREACHABLE');
    assert.equal(ends.at(-1), 'overloaded BREAKER_OPEN');
  });

  it('is told of while a call waits for it, and calls beyond the bound wait untold', async () => {
    let [waiting, most] = [0, 0];
    credentials = created((toolClass, change) => {
      assert.equal(toolClass, 'read');
      waiting += change;
      most = Math.max(most, waiting);
    });
    await whileHanging(async (open) => {
      const ends = Array.from({ length: limits.credentialWaitsMax + 6 }, () => reasonOf(of(exchange())));
      await eventually(() => open.length === 1, { withinMs: 1_000 });
      assert.equal(waiting, limits.credentialWaitsMax);
      open[0]?.();
      assert.deepEqual(new Set(await Promise.all(ends)), new Set(['broken CREDENTIAL_INVALID']));
      assert.deepEqual([waiting, most], [0, limits.credentialWaitsMax]);
    });
    nowMs += 1_001;
    await valueOf(exchange());
    most = 0;
    await valueOf(exchange());
    assert.equal(most, 0, 'what is held is not waited for');
  });

  it('is no longer asked for where the endpoint hangs, long before the first exchange is given up', async () => {
    const slow = { exchange: { ...provider.spec, timeoutMs: 8_000 } };
    let answered = 0;
    const hang = async (_: unknown, user: number): Promise<void> => {
      await of(slow, { user: `u${user}`, deadlineAtMs: Date.now() + 20_000 }).catch(() => undefined);
      answered += 1;
    };
    let hanging: Promise<void>[] = [];
    await whileHanging(async () => {
      let users = 5;
      hanging = Array.from({ length: users }, hang);
      const asked = () => reasonOf(of(slow, { user: `u${users++}`, deadlineAtMs: Date.now() + 100 }));
      await eventually(async () => (await asked()) === 'overloaded BREAKER_OPEN', { withinMs: 5_000 });
      assert.equal(answered, 0);
    });
    await Promise.all(hanging);
  });

  it('takes no longer than its own time, nor than the call has', async () => {
    const slow = { exchange: { ...provider.spec, timeoutMs: 100 } };
    await whileHanging(async () => {
      assert.equal(await reasonOf(of(slow)), 'unreachable CREDENTIAL_UNREACHABLE');
      assert.equal(await reasonOf(of(exchange(), { deadlineAtMs: Date.now() + 50 })), 'expired DEADLINE_PASSED');
    });
  });

  it('is renewed once for all calls that it was refused to', async () => {
    const first = await of(exchange());
    const all = await Promise.all(Array.from({ length: 10 }, () => renewed(exchange(), first)));
    assert.deepEqual(new Set(all.map((one) => one?.credential)), new Set(['exchanged-token-2']));
    assert.equal(provider.asked.length, 2);
  });

  it('is not to be had without the key for the tokens of users', async () => {
    credentials = new Credentials({ variable });
    assert.equal(await reasonOf(of(exchange())), 'broken CREDENTIAL_MISSING');
  });
});
