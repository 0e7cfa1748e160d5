/**
 * Credentials of every form travel to a service that echoes them in all it says, while everything is logged; afterwards all
 * that the fleet has written is searched for them.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SessionOutcome } from '@toolfleet/contracts';
import { Database } from '@toolfleet/platform/postgres';
import { eventually } from '@toolfleet/testkit';
import type { EchoService } from '../echo-service.js';
import { startEchoService } from '../echo-service.js';
import { FleetUnderTest } from '../fleet-under-test.js';
import type { Written } from '../written-by-fleet.js';
import { writtenBy } from '../written-by-fleet.js';

const drawn = (name: string) => `${name}+${randomBytes(18).toString('base64')}/${randomBytes(6).toString('base64')}`;
const secrets = {
  variable: drawn('variable'),
  service: drawn('service'),
  tenant: drawn('tenant'),
  client: drawn('client'),
  /** The user's own. */
  subject: '',
  exchanged: drawn('exchanged'),
};
const ways = ['body', 'refusal', 'forbidden', 'failure', 'long', 'type'];
const tools = ['echo_variable', 'echo_service', 'echo_tenant', 'echo_user', 'write_user'];
const calls = (names: readonly string[]) => names.flatMap((name) => ways.map((how) => ({ name, arguments: { how } })));
const conversations = {
  'echo it all': [
    ...tools.map((name) => ({ toolCalls: calls([name]) })),
    { toolCalls: [{ name: 'refused_user' }] },
    { text: 'seen' },
  ],
  'without a token': [{ toolCalls: [{ name: 'echo_user', arguments: {} }] }, { text: 'no' }],
  rotate: [{ toolCalls: [{ name: 'echo_service', arguments: {} }] }, { text: 'rotated' }],
};

let credentials: string;
let echo: EchoService;
let fleet: FleetUnderTest;

before(async () => {
  credentials = await mkdtemp(join(tmpdir(), 'toolfleet-credentials-'));
  for (const folder of ['echo', 'echo-tenants', 'idp']) await mkdir(join(credentials, folder));
  await put('echo/token', secrets.service);
  await put('echo-tenants/acme', secrets.tenant);
  await put('idp/secret', secrets.client);
  echo = await startEchoService({ exchangedToken: secrets.exchanged });
  fleet = await FleetUnderTest.start({
    conversations,
    catalogDirectory: fileURLToPath(new URL('../../catalog-credentials', import.meta.url)),
    toolsUrl: echo.url,
    env: {
      TOOLFLEET_CREDENTIALS_DIR: credentials,
      TOOLFLEET_CREDENTIAL_ECHO: secrets.variable,
      TOOLFLEET_LOG_LEVEL: 'debug',
      // So that every record of the way is on its topic.
      TOOLFLEET_HAND_OVER: 'off',
    },
  });
});
after(async () => {
  await fleet?.close();
  await echo?.close();
  await rm(credentials, { recursive: true, force: true });
});

const put = (name: string, value: string) => writeFile(join(credentials, name), value);

/** As the user's own client does it, with the user's token. */
async function startAsUser(input: string): Promise<SessionOutcome> {
  const authorization = await fleet.authorization('acme', { user: 'u1' });
  secrets.subject = authorization.replace('Bearer ', '');
  const response = await fetch(`${fleet.fleet.gatewayUrl}/v1/sessions`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant: 'acme', user: 'u1', requestId: `user-${Date.now()}`, agent: 'tester', input }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  const { session } = (await response.json()) as { session: { sessionId: string } };
  return fleet.outcomeOf(session.sessionId);
}

/** At any place of a longer text that was written that way. */
function formsOf(secret: string): string[] {
  const half = Math.floor(secret.length / 2);
  const base64 = ['', 'a', 'ab'].flatMap((before) =>
    (['base64', 'base64url'] as const).map((alphabet) =>
      Buffer.from(before + secret)
        .toString(alphabet)
        .slice(4, -4),
    ),
  );
  const hex = Buffer.from(secret).toString('hex');
  return [secret.slice(0, half), secret.slice(half), encodeURIComponent(secret).slice(0, 30), hex, ...base64];
}

const holding = (written: readonly Written[], text: string): string[] =>
  written.filter(({ bytes }) => bytes.includes(text)).map(({ place }) => place);

test('no secret is in anything that the fleet has written, whatever its tools echo', async () => {
  const outcome = await startAsUser('echo it all');
  assert.deepEqual([outcome.status, outcome.refusal, outcome.answer], ['completed', undefined, 'seen']);
  const observations = await fleet.observationsOf(outcome.sessionId);
  assert.equal(observations.length, tools.length * ways.length + 1);
  await fleet.send('session.requests', '{"not": "a request"}');
  await eventually(() => fleet.deadLetters.length > 0, { withinMs: 30_000 });

  for (const [name, secret] of Object.entries(secrets)) {
    if (name !== 'client') assert.ok(echo.seen.has(secret), `${name} has travelled`);
  }
  const written = await writtenBy(fleet);
  const places = [
    'inbox',
    'session.events',
    'toolcall.write',
    'deadletter',
    'audit',
    'session_event.',
    'effect.',
    'artifact.',
    '/metrics',
    'log line',
  ];
  for (const part of places)
    assert.ok(
      written.some(({ place }) => place.includes(part)),
      `${part} was read`,
    );
  for (const part of ['session.events', 'session_event.payload', 'effect.observation', 'artifact.bytes']) {
    assert.ok(
      holding(written, 'the echo is whole').some((place) => place.includes(part)),
      `${part} holds the echo`,
    );
  }
  assert.ok(holding(written, '[secret]').length > 0);
  for (const [name, secret] of Object.entries(secrets)) {
    for (const form of formsOf(secret)) assert.deepEqual(holding(written, form), [], `${name} as ${form}`);
  }
});

test('a tool that is reached as the user is refused without their token, and says so to the model', async () => {
  const outcome = await fleet.run('without a token');
  const [observation] = await fleet.observationsOf(outcome.sessionId);
  assert.deepEqual([observation?.outcome, observation?.refusal?.reason], ['denied', 'SUBJECT_TOKEN_MISSING']);
});

test('a credential that is replaced is used by the next calls, without a restart', async () => {
  const next = drawn('next');
  await put('echo/token', next);
  await eventually(
    async () => {
      await fleet.run('rotate');
      return echo.seen.has(next);
    },
    { withinMs: 30_000 },
  );
});

test("the user's token is gone soon after the session has ended", async () => {
  const { databaseUrl } = fleet.surroundings;
  const database = new Database({ url: databaseUrl, applicationName: 'fleet-e2e' });
  const count = { name: '', text: 'select count(*)::int as left from subject_token' };
  await eventually(async () => (await database.query(count, []))[0]?.['left'] === 0, { withinMs: 90_000 });
  await database.close();
});
