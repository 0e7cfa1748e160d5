import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manifest, ToolSpec } from '@toolfleet/kernel';
import { Catalogue } from '@toolfleet/kernel';
import { Secret } from '@toolfleet/platform/config';
import { TokenSeal } from '@toolfleet/platform/credentials';
import type { SubjectToken } from '@toolfleet/platform/postgres';
import { UserTokens } from './user-tokens.js';

const seal = new TokenSeal([new Secret('a key of thirty-two characters, 1')]);
const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;
const nowMs = 1_000_000;
const token = jwt(5_000);
const session = { tenant: 'acme', sessionId: 's1', user: 'alice', agent: 'clerk' };

function world() {
  const catalogue = new Catalogue();
  const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 1_000, volumeThreshold: 1 };
  const client = { id: 'fleet', secret: { env: 'TOOLFLEET_CREDENTIAL_A' }, authentication: 'basic' } as const;
  const exchange = { tokenEndpoint: 'http://a', client, subjectTokenType: 'access_token', timeoutMs: 1_000 } as const;
  const upstream = (name: string, credential: object): Manifest =>
    ({
      kind: 'Upstream',
      spec: { name, baseUrl: 'http://a', breaker, credential: { headers: {}, ...credential } },
    }) as Manifest;
  const tool = (name: string, to: string): Manifest => ({
    kind: 'Tool',
    spec: { name, http: { upstream: to } } as ToolSpec,
  });
  const agent = (name: string, tools: string[]): Manifest => ({ kind: 'Agent', spec: { name, tools } as never });
  for (const manifest of [
    upstream('crm', { exchange }),
    upstream('shop', { static: { file: 'a' } }),
    tool('as_user', 'crm'),
    tool('look', 'shop'),
    agent('clerk', ['*']),
    agent('reader', ['look']),
  ]) {
    catalogue.put(manifest);
  }
  const kept: SubjectToken[] = [];
  const store = { put: async (one: SubjectToken) => void kept.push(one) };
  const tokens = new UserTokens({ catalogue, store, seal, now: () => nowMs });
  return { kept, tokens, catalogue };
}
const from = (user: string, header: unknown = `Bearer ${token}`) => ({ caller: { user }, header });

describe("the token of a session's user", () => {
  it('is kept sealed where an agent has a tool that is reached with it, until it expires', async () => {
    const { kept, tokens } = world();
    await tokens.keep(session, from('alice'));
    const [one] = kept;
    assert.equal(seal.open(one!.sealed, session), token);
    assert.equal(one!.expiresAtMs, 5_000_000);
    assert.ok(!Buffer.from(one!.sealed).includes(token.slice(4, 12)));
  });

  it('is kept for a day at most', async () => {
    const { kept, tokens } = world();
    await tokens.keep(session, from('alice', `Bearer ${jwt(2 ** 40)}`));
    assert.equal(kept[0]!.expiresAtMs, nowMs + 24 * 3_600_000);
  });

  it('is not kept where no tool needs it, of somebody who acts for the user, or without a key', async () => {
    const { kept, tokens, catalogue } = world();
    await tokens.keep({ ...session, agent: 'reader' }, from('alice'));
    await tokens.keep({ ...session, agent: 'nobody' }, from('alice'));
    await tokens.keep(session, from('back-end'));
    await tokens.keep(session, { caller: { user: 'alice' }, header: undefined });
    await tokens.keep(session, undefined);
    catalogue.remove('Tool', 'as_user');
    await tokens.keep(session, from('alice'));
    assert.deepEqual(kept, []);
    const store = { put: () => assert.fail('kept') };
    const keyless = new UserTokens({ catalogue: world().catalogue, store, seal: undefined, now: () => nowMs });
    await keyless.keep(session, from('alice'));
  });
});
