/** `fleetctl token` as a shell sees it, and the token that commands send. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allScopes, tenantScopes } from '@toolfleet/kernel';
import { runFleetctl } from './fleetctl.fixture.js';

const identityPage = fileURLToPath(new URL('../../../docs/identity.md', import.meta.url));
let directory: string;
let url: string;
const sent: (string | undefined)[] = [];
/** Stands in for a gateway that is not of this machine's fleet. */
const gateway = createServer(({ headers }, response) => {
  sent.push(headers.authorization);
  response.setHeader('content-type', 'application/json').end('{}');
});

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'toolfleet-token-'));
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
});

after(async () => {
  gateway.close();
  await rm(directory, { recursive: true, force: true });
});

const fleetctl = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runFleetctl(words, { cwd: directory, env });
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

describe('fleetctl token', () => {
  it('says that there is no issuer, makes one, and mints what is asked for', async () => {
    const none = await fleetctl(['token', 'mint', '--tenant', 'acme']);
    assert.deepEqual([none.code, none.stdout, /ISSUER_MISSING/.test(none.stderr)], [4, '', true]);
    const { stdout: setting } = await fleetctl(['token', 'issuer']);
    const [trusted] = JSON.parse(setting) as { issuer: string; jwks: string }[];
    const published = JSON.parse(await readFile(fileURLToPath(trusted!.jwks), 'utf8')) as { keys: object[] };
    assert.equal(published.keys.length, 1);
    assert.equal((await fleetctl(['token', 'issuer'])).stdout, setting);
    const person = ['--tenant', 'acme', '--user', 'ann', '--role', 'clerk', '--for', '30m'];
    const { iss, tenant, sub, roles, scope, exp, iat } = claimsOf(
      (await fleetctl(['token', 'mint', ...person])).stdout,
    );
    assert.deepEqual([iss, tenant, sub, roles], [trusted!.issuer, 'acme', 'ann', ['clerk']]);
    assert.equal(scope, tenantScopes.join(' '));
    assert.ok(Math.abs(Number(exp) - Number(iat) - 1_800) <= 1);
    const narrow = await fleetctl([
      'token',
      'mint',
      '--tenant',
      'acme',
      '--scope',
      'audit:read',
      '--scope',
      'operator',
    ]);
    assert.equal(claimsOf(narrow.stdout)['scope'], 'audit:read operator');
  });

  it('refuses a scope, a time and a tenant that there cannot be', async () => {
    for (const words of [
      ['--tenant', 'acme', '--scope', 'everything'],
      ['--tenant', 'acme', '--for', 'ever'],
      ['--tenant', 'Not One'],
    ]) {
      // oxlint-disable-next-line no-await-in-loop
      const { code, stdout } = await fleetctl(['token', 'mint', ...words]);
      assert.deepEqual([code, stdout], [2, ''], words.join(' '));
    }
  });
});

describe('the token of a command', () => {
  const list = ['session', 'list', '--tenant', 'acme', '--url'];

  it('is the one that it is given', async () => {
    await fleetctl([...list, url], { TOOLFLEET_TOKEN: 'given' });
    assert.equal(sent.at(-1), 'Bearer given');
  });

  it('of the issuer here goes to no address that is not of the fleet here', async () => {
    await fleetctl([...list, url], { TOOLFLEET_TOKEN: '' });
    assert.equal(sent.at(-1), undefined);
  });
});

it('docs/identity.md has every scope, and no other', async () => {
  const page = await readFile(identityPage, 'utf8');
  const table = page.slice(page.indexOf('## Scopes'), page.indexOf('## What is refused'));
  const listed = [...table.matchAll(/^\| `([a-z:]+)` /gm)].map(([, scope]) => scope);
  assert.deepEqual(listed, allScopes);
});
