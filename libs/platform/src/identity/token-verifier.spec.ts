/** Tokens of an issuer that rotates, withdraws and loses its keys, is away, and is somebody else. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { limits } from '@toolfleet/kernel';
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { readSettings } from '../config/settings.js';
import { identitySettings } from './identity-settings.js';
import { openLocalIssuer } from './local-issuer.js';
import { TokenVerifier, bearerOf } from './token-verifier.js';

const startMs = Date.now();
const issuer = 'https://id.example.com';

interface Key {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function keyOf(kid: string, algorithm = 'ES256'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, algorithm, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } };
}

const tokenOf = (key: Key, change: object = {}, iss = issuer): Promise<string> =>
  new SignJWT({ iss, aud: 'toolfleet', sub: 'ann', tenant: 'acme', scope: 'sessions:read', ...change })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid })
    .setIssuedAt(Math.floor(startMs / 1_000))
    .setExpirationTime(Math.floor(startMs / 1_000) + 36_000)
    .sign(key.privateKey);

/** One issuer whose key set the test holds in its hand. */
function world(keys: readonly Key[], settings: Readonly<Record<string, string>> = {}) {
  const state = { keys, away: false, reads: 0, nowMs: startMs };
  const read = async () => {
    state.reads += 1;
    if (state.away) throw new Error('no route to host');
    return JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) });
  };
  const environment = { TOOLFLEET_IDENTITY_ISSUERS: JSON.stringify([{ issuer }]), ...settings };
  const verifier = new TokenVerifier({
    settings: readSettings(identitySettings, environment, () => ''),
    log: { warn: () => undefined },
    now: () => state.nowMs,
    readKeys: () => read,
  });
  after(() => verifier.close());
  return { state, verifier };
}

const refusedFor = (reason: string) => ({ kind: 'unauthenticated', reason });

describe('a verifier of tokens', () => {
  it('says whose a token is, and asks the issuer for its keys once', async () => {
    const key = await keyOf('k1');
    const { verifier, state } = world([key]);
    const token = await tokenOf(key);
    for (let at = 0; at < 3; at += 1) {
      const { tenant, user, scopes } = await verifier.verify(token);
      assert.deepEqual([tenant, user, [...scopes]], ['acme', 'ann', ['sessions:read']]);
    }
    assert.equal(state.reads, 1);
  });

  it('takes a key that came after the last look, and refuses one that was withdrawn, without a restart', async () => {
    const [first, second] = [await keyOf('k1'), await keyOf('k2', 'RS256')];
    const { verifier, state } = world([first]);
    const old = await tokenOf(first);
    await verifier.verify(old);
    state.keys = [first, second];
    state.nowMs += 30_000;
    await verifier.verify(await tokenOf(second));
    state.keys = [second];
    state.nowMs += 5 * 60_000;
    await verifier.verify(old);
    await new Promise(setImmediate);
    await assert.rejects(verifier.verify(old), refusedFor('TOKEN_KEY_UNKNOWN'));
  });

  it('does not ask the issuer for each invented key', async () => {
    const [key, invented] = [await keyOf('k1'), await keyOf('invented')];
    const { verifier, state } = world([key]);
    await verifier.verify(await tokenOf(key));
    for (let at = 0; at < 20; at += 1) {
      await assert.rejects(verifier.verify(await tokenOf(invented, { at })), refusedFor('TOKEN_KEY_UNKNOWN'));
    }
    assert.equal(state.reads, 1);
    state.nowMs += 30_000;
    await assert.rejects(verifier.verify(await tokenOf(invented)), refusedFor('TOKEN_KEY_UNKNOWN'));
    assert.equal(state.reads, 2);
  });

  it('goes on with the keys it has while the issuer is away; without any it says that the issuer is away', async () => {
    const key = await keyOf('k1');
    const { verifier, state } = world([key]);
    state.away = true;
    await assert.rejects(verifier.verify(await tokenOf(key)), { kind: 'unreachable', reason: 'ISSUER_UNREACHABLE' });
    state.away = false;
    state.nowMs += 1_000;
    await verifier.verify(await tokenOf(key));
    state.away = true;
    state.nowMs += 60 * 60_000;
    await verifier.verify(await tokenOf(key, { at: 1 }));
  });

  it('refuses what is signed by another, with another algorithm or not at all', async () => {
    const [key, thief, forbidden] = [await keyOf('k1'), await keyOf('k1'), await keyOf('k3', 'RS512')];
    const { verifier } = world([key, forbidden]);
    await assert.rejects(verifier.verify(await tokenOf(thief)), refusedFor('TOKEN_SIGNATURE_WRONG'));
    await assert.rejects(verifier.verify(await tokenOf(forbidden)), refusedFor('TOKEN_ALGORITHM_REFUSED'));
    const symmetric = await new SignJWT({ iss: issuer, aud: 'toolfleet' })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(Buffer.from(JSON.stringify(key.jwk)));
    await assert.rejects(verifier.verify(symmetric), refusedFor('TOKEN_ALGORITHM_REFUSED'));
    const unsigned = new UnsecuredJWT({ iss: issuer, aud: 'toolfleet', sub: 'ann', tenant: 'acme' }).encode();
    await assert.rejects(verifier.verify(unsigned), { kind: 'unauthenticated' });
    const [head, , signature] = (await tokenOf(key)).split('.');
    const forged = Buffer.from(JSON.stringify({ iss: issuer, sub: 'ann', tenant: 'globex' })).toString('base64url');
    await assert.rejects(verifier.verify(`${head}.${forged}.${signature}`), refusedFor('TOKEN_SIGNATURE_WRONG'));
  });

  it('refuses issuers it does not know, texts that are no token, and those that are too long', async () => {
    const key = await keyOf('k1');
    const { verifier } = world([key]);
    await assert.rejects(
      verifier.verify(await tokenOf(key, {}, 'https://evil.example')),
      refusedFor('TOKEN_ISSUER_UNKNOWN'),
    );
    for (const text of ['', 'x', 'a.b.c', 'e30.e30.', '..']) {
      await assert.rejects(verifier.verify(text), { kind: 'unauthenticated' }, text);
    }
    await assert.rejects(verifier.verify('x'.repeat(limits.tokenBytesMax + 1)), refusedFor('TOKEN_TOO_LONG'));
  });

  it('holds the time of arrival against a token that it remembers as well', async () => {
    const key = await keyOf('k1');
    const { verifier, state } = world([key]);
    const token = await tokenOf(key);
    await verifier.verify(token);
    state.nowMs += 11 * 60 * 60_000;
    await assert.rejects(verifier.verify(token), refusedFor('TOKEN_EXPIRED'));
    await verifier.verify(token, startMs);
  });

  it('knows at once what it verified before, for as long as that counts, and nothing else', async () => {
    const key = await keyOf('k1');
    const { verifier } = world([key]);
    const [token, other] = [await tokenOf(key), await tokenOf(key, { sub: 'bob' })];
    assert.equal(verifier.known(token, startMs), undefined);
    // The first look reads the keys, which has the token checked once more.
    await verifier.verify(token);
    const caller = await verifier.verify(token);
    assert.equal(verifier.known(token, startMs), caller);
    assert.equal(verifier.known(other, startMs), undefined);
    assert.equal(verifier.known(token, startMs + 11 * 60 * 60_000), undefined);
    assert.equal(verifier.known('x'.repeat(limits.tokenBytesMax + 1), startMs), undefined);
  });

  it('reads a key file anew when it changes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'toolfleet-keys-'));
    after(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'jwks.json');
    const [first, second] = [await keyOf('k1'), await keyOf('k2')];
    const settings = { TOOLFLEET_IDENTITY_ISSUERS: JSON.stringify([{ issuer, jwks: pathToFileURL(file).href }]) };
    const now = { ms: startMs };
    const verifier = new TokenVerifier({
      settings: readSettings(identitySettings, settings, () => ''),
      log: { warn: () => undefined },
      now: () => now.ms,
    });
    after(() => verifier.close());
    await writeFile(file, JSON.stringify({ keys: [first.jwk] }));
    await verifier.verify(await tokenOf(first));
    await writeFile(file, JSON.stringify({ keys: [first.jwk, second.jwk] }));
    now.ms += 1_000;
    assert.equal((await verifier.verify(await tokenOf(second))).user, 'ann');
  });

  it('finds the keys of an issuer by its discovery document', async () => {
    const key = await keyOf('k1');
    let url = '';
    const server = createServer(({ url: path }, response) => {
      const found =
        path === '/.well-known/openid-configuration' ? { issuer: url, jwks_uri: `${url}/keys` } : { keys: [key.jwk] };
      response.end(JSON.stringify(found));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    after(() => server.close());
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const settings = { TOOLFLEET_IDENTITY_ISSUERS: JSON.stringify([{ issuer: url }]) };
    const verifier = new TokenVerifier({
      settings: readSettings(identitySettings, settings, () => ''),
      log: { warn: () => undefined },
    });
    after(() => verifier.close());
    assert.equal((await verifier.verify(await tokenOf(key, {}, url))).tenant, 'acme');
  });
});

describe('the settings of issuers', () => {
  const problemOf = (text: string | undefined, more: Readonly<Record<string, string>> = {}): string => {
    try {
      readSettings(identitySettings, { TOOLFLEET_IDENTITY_ISSUERS: text, ...more }, () => '');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('are required: nothing is open by default', () => {
    assert.match(problemOf(undefined), /TOOLFLEET_IDENTITY_ISSUERS is required/);
    assert.match(problemOf('[]'), /TOOLFLEET_IDENTITY_ISSUERS names no issuer/);
  });

  it('are refused with what is wrong: no JSON, plain http, a symmetric algorithm, twice the same', () => {
    assert.match(problemOf('https://id.example.com'), /is no JSON/);
    assert.match(problemOf('[{"issuer":"x","jwks":"http://id.example.com/keys"}]'), /plain http/);
    assert.match(problemOf('[{"issuer":"not-a-url"}]'), /must be an https URL/);
    assert.match(problemOf('[{"issuer":"https://a"},{"issuer":"https://a"}]'), /twice/);
    assert.match(problemOf('[{"issuer":"https://a","secret":"s"}]'), /TOOLFLEET_IDENTITY_ISSUERS/);
    assert.match(problemOf('[{"issuer":"https://a"}]', { TOOLFLEET_IDENTITY_ALGORITHMS: 'HS256' }), /ALGORITHMS/);
  });
});

describe('the issuer of a local fleet', () => {
  it('keeps its keys to itself, publishes the public one, and its tokens count', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'toolfleet-issuer-'));
    after(() => rm(directory, { recursive: true, force: true }));
    const local = await openLocalIssuer(directory);
    assert.equal((await openLocalIssuer(directory)).setting, local.setting);
    assert.doesNotMatch(await readFile(join(directory, 'identity.jwks.json'), 'utf8'), /"d":/);
    const verifier = new TokenVerifier({
      settings: readSettings(identitySettings, { TOOLFLEET_IDENTITY_ISSUERS: local.setting }, () => ''),
      log: { warn: () => undefined },
    });
    after(() => verifier.close());
    const header = await local.authorization('acme');
    assert.equal(await local.authorization('acme'), header);
    const { tenant, user, scopes } = await verifier.verify(bearerOf(header));
    assert.deepEqual(
      [tenant, user, scopes.has('sessions:delegate'), scopes.has('operator')],
      ['acme', 'back-end', true, false],
    );
    for (const missing of [undefined, '', 'Basic abc', 'Bearer', 'Bearer a b', ['Bearer x']]) {
      assert.throws(() => bearerOf(missing), refusedFor('TOKEN_MISSING'));
    }
  });
});
