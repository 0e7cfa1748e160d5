/** Applied sets on a real broker and database, as two routers see them. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SetChange, SetOutcome } from '@toolfleet/contracts';
import {
  decodeSetOutcome,
  decodeSetRevisions,
  encodeApplySet,
  encodeListSetRevisions,
  encodeRollbackSet,
} from '@toolfleet/contracts';
import type { Fault } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import { GrpcClient } from '@toolfleet/platform/grpc';
import type { RunningRoles } from '@toolfleet/platform/nest';
import { runRoles } from '@toolfleet/platform/nest';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually, freePort, testDirectory } from '@toolfleet/testkit';
import { routerRole } from './router.role.js';

const service = 'toolfleet.catalog.v1.CatalogService';

const toolOf = (name: string, fields = '') => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name} }
spec:
  description: What ${name} does.
  class: read
  effect: read
  http: { upstream: shop, method: GET, path: /${name} }
${fields}`;

const shop = `apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: shop }
spec: { baseUrl: http://127.0.0.1:9 }
${toolOf('get_order')}`;

let directory: string;
let rig: RoleRig;
let second: RunningRoles;
let client: GrpcClient;
let otherClient: GrpcClient;
let benClient: GrpcClient;

before(async () => {
  directory = await testDirectory('applied-');
  await writeFile(join(directory, 'shop.yaml'), shop);
  const settings = {
    TOOLFLEET_CATALOG_DIR: directory,
    TOOLFLEET_CATALOG_POLL_MS: '60000',
  };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
  const [http, grpc] = [await freePort(), await freePort()];
  const first = { ...process.env };
  Object.assign(process.env, { TOOLFLEET_HTTP_PORT: String(http), TOOLFLEET_GRPC_PORT: String(grpc) });
  second = await runRoles([routerRole]);
  Object.assign(process.env, first);
  client = clientTo(rig.grpcAddress, await authorOf('ann'));
  otherClient = clientTo(`127.0.0.1:${grpc}`, await authorOf('ann'));
  benClient = clientTo(rig.grpcAddress, await authorOf('ben'));
});

after(async () => {
  client?.close();
  otherClient?.close();
  benClient?.close();
  await second?.stop();
  await rig?.stop();
  await rm(directory, { recursive: true, force: true });
});

const authorOf = (user: string) => rig.issuer.authorization('acme', { user, scopes: ['catalog:write'] });
const clientTo = (address: string, authorization: string) =>
  new GrpcClient({ address, deadlineMs: 30_000, headers: { authorization } });

type Files = Readonly<Record<string, string | Uint8Array>>;

async function apply(set: string, files: Files, change: Partial<SetChange> = {}, by = client): Promise<SetOutcome> {
  const sent = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) }));
  const request = encodeApplySet({ set, actor: '', reason: 'a test', dryRun: false, ...change }, sent);
  return decodeSetOutcome(await by.unary(`${service}/ApplySet`, request));
}

async function rollback(set: string, toRevision: number): Promise<SetOutcome> {
  const request = encodeRollbackSet({ set, actor: 'ben', reason: 'worse', dryRun: false }, toRevision);
  return decodeSetOutcome(await benClient.unary(`${service}/RollbackSet`, request));
}

async function history(set: string) {
  return decodeSetRevisions(await client.unary(`${service}/ListSetRevisions`, encodeListSetRevisions(set, 0)));
}

const liveTool = (name: string) => rig.running.context.catalogue.catalogue.get('Tool', name);
const liveAtSecond = (name: string) => second.context.catalogue.catalogue.get('Tool', name);
const versions = async () => (await history('')).map(({ set, revision }) => `${set}@${revision}`);

test('whoever has no token, or one that lacks the scope, changes and learns nothing', async () => {
  const tenantsOwn = await rig.issuer.authorization('acme');
  for (const [wrong, reason] of [
    ['', 'TOKEN_MISSING'],
    ['Bearer ', 'TOKEN_MISSING'],
    ['Bearer x', 'TOKEN_MALFORMED'],
    [tenantsOwn, 'SCOPE_MISSING'],
  ] as const) {
    const stranger = clientTo(rig.grpcAddress, wrong);
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(apply('team', { 'a.yaml': toolOf('a') }, {}, stranger), { reason });
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(stranger.unary(`${service}/ListSetRevisions`, encodeListSetRevisions('', 0)), { reason });
    stranger.close();
  }
  assert.deepEqual(await versions(), []);
});

test('paths that lead out, files that are none, names and authors that are none, and too much of it are refused', async () => {
  const fine = toolOf('a');
  const paths = [
    '../a.yaml',
    '/a.yaml',
    'a/../../b.yaml',
    './a.yaml',
    'a\\b.yaml',
    'a\nb.yaml',
    'a//b.yaml',
    'a.txt',
    '',
  ];
  for (const path of [...paths, `${'x'.repeat(101)}.yaml`, `${'a/'.repeat(11)}b.yaml`]) {
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(apply('team', { [path]: fine }), { reason: 'SET_PATH_INVALID' }, path);
  }
  await assert.rejects(apply('team', { 'a.yaml': Buffer.from([0xff, 0xfe, 0x00]) }), { reason: 'SET_FILE_UNREADABLE' });
  for (const set of ['', 'Team', 'a/b', '../x', 'x'.repeat(64)]) {
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(apply(set, { 'a.yaml': fine }), { reason: 'SET_NAME_INVALID' }, set);
  }
  await assert.rejects(apply('team', { 'a.yaml': fine }, { actor: 'ben' }), { reason: 'USER_MISMATCH' });
  await assert.rejects(apply('team', { 'a.yaml': fine }, { reason: 'two\nlines' }), { reason: 'REASON_INVALID' });
  const many = Object.fromEntries(Array.from({ length: limits.setFilesMax + 1 }, (_, at) => [`${at}.yaml`, '']));
  await assert.rejects(apply('team', many), { reason: 'SET_TOO_LARGE' });
  await assert.rejects(apply('team', { 'a.yaml': '#'.repeat(limits.setBytesMax + 1) }), { reason: 'SET_TOO_LARGE' });
  await assert.rejects(apply('team', {}), { reason: 'SET_UNKNOWN' });
  await assert.rejects(rollback('team', 1), { reason: 'SET_REVISION_UNKNOWN' });
  assert.deepEqual(await versions(), []);
});

test('a bad manifest is refused whole with file, line and reason, and the old catalogue stays', async () => {
  const broken = `${toolOf('good')}${toolOf('bad', '  effekt: read\n')}`;
  const outcome = await apply('team', { 'tools/all.yaml': broken, 'fine.yaml': toolOf('fine') });
  assert.deepEqual(outcome.problems, [
    { file: 'tools/all.yaml', line: 19, reason: 'Tool/bad spec.effekt: is not a field of this kind' },
  ]);
  assert.deepEqual([outcome.stored, outcome.live, outcome.revision], [false, false, 0]);
  const process = `apiVersion: toolfleet.dev/v1
kind: McpServer
metadata: { name: local }
spec: { stdio: { command: sh } }
---
apiVersion: toolfleet.dev/v1
kind: QuotaCeiling
metadata: { name: mine }
spec: {}
`;
  const { problems } = await apply('team', { 'p.yaml': process });
  assert.deepEqual(
    problems.map(({ file, line }) => `${file}:${line}`),
    ['p.yaml:4', 'p.yaml:7'],
  );
  for (const { reason } of problems) assert.match(reason, /belongs in a directory of TOOLFLEET_CATALOG_OPERATOR_DIR/);
  assert.deepEqual(await versions(), []);
  assert.ok(liveTool('get_order'));
  assert.equal(liveTool('fine'), undefined);
});

test('an applied set is live in every router within a second, and says where it comes from', async () => {
  const tookMs: number[] = [];
  for (const round of [1, 2, 3, 4, 5]) {
    const beganAtMs = performance.now();
    const waiting = eventually(() => liveAtSecond('pay')?.version === `${round}`, { withinMs: 10_000 });
    // oxlint-disable-next-line no-await-in-loop
    const outcome = await apply('payments', { 'tools/pay.yaml': toolOf('pay', `  version: ${round}\n`) });
    // oxlint-disable-next-line no-await-in-loop
    await waiting;
    tookMs.push(performance.now() - beganAtMs);
    assert.deepEqual([outcome.problems, outcome.stored, outcome.live], [[], true, true]);
    assert.equal(outcome.revision, round);
    assert.equal(liveTool('pay')?.version, `${round}`);
  }
  console.log(`from apply to live at another process: ${tookMs.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.ok(tookMs.toSorted((a, b) => a - b)[2]! < 1_000);
  assert.equal(rig.running.context.catalogue.appliedSetOf('Tool', 'pay'), 'payments');
  assert.equal(rig.running.context.catalogue.appliedSetOf('Tool', 'get_order'), '');
});

test('a dry run tells what would change field by field, and changes nothing', async () => {
  const files = { 'tools/pay.yaml': `${toolOf('pay', '  version: 5\n  riskTier: high\n')}${toolOf('refund')}` };
  const outcome = await apply('payments', files, { dryRun: true });
  assert.deepEqual(outcome.changes, [
    { kind: 'Tool', name: 'pay', action: 'changed', fields: [{ path: 'riskTier', before: '"low"', after: '"high"' }] },
    { kind: 'Tool', name: 'refund', action: 'added', fields: [] },
  ]);
  assert.deepEqual([outcome.stored, outcome.revision, outcome.changesTotal], [false, 5, 2]);
  const emptied = await apply('payments', {}, { dryRun: true });
  assert.deepEqual(
    emptied.changes.map(({ name, action }) => `${name} ${action}`),
    ['pay removed'],
  );
  assert.equal(liveTool('refund'), undefined);
  assert.equal((await history('payments')).length, 5);
});

test('the same files again are no new revision', async () => {
  const outcome = await apply('payments', { 'tools/pay.yaml': toolOf('pay', '  version: 5\n') });
  assert.deepEqual([outcome.stored, outcome.live, outcome.revision, outcome.changesTotal], [false, true, 5, 0]);
});

test('a name of a directory or of another set is refused with both places', async () => {
  const mine = await apply('other', { 'mine.yaml': toolOf('get_order') });
  assert.equal(mine.problems.length, 1);
  assert.equal(`${mine.problems[0]!.file}:${mine.problems[0]!.line}`, 'mine.yaml:4');
  assert.match(mine.problems[0]!.reason, /is taken by an earlier manifest, .*shop\.yaml:8/);
  // A set whose name comes first is told of its own file as well.
  const other = await apply('a-team', { 'x.yaml': toolOf('pay') });
  assert.deepEqual(
    [other.problems[0]?.file, other.problems[0]?.reason],
    ['x.yaml', 'Tool/pay metadata.name: is taken by an earlier manifest, set:payments/tools/pay.yaml:4'],
  );
});

test('of two applies at once at two routers both are checked against each other, and none is lost', async () => {
  const [one, two] = await Promise.all([
    apply('left', { 'a.yaml': toolOf('same') }),
    apply('right', { 'a.yaml': toolOf('same') }, {}, otherClient),
  ]);
  assert.deepEqual([one, two].map(({ stored }) => stored).toSorted(), [false, true]);
  const refused = one.stored ? two : one;
  assert.match(refused.problems[0]!.reason, /is taken by an earlier manifest, set:(left|right)\/a\.yaml:4/);
  const names = ['u', 'v', 'w', 'x'];
  const outcomes = await Promise.all(
    names.map((name, at) =>
      apply(`set-${name}`, { 't.yaml': toolOf(`tool_${name}`) }, {}, at % 2 ? client : otherClient),
    ),
  );
  assert.deepEqual(
    outcomes.map(({ stored }) => stored),
    [true, true, true, true],
  );
  assert.deepEqual(
    outcomes.map(({ live }) => live),
    [true, true, true, true],
  );
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop
    assert.ok(await eventually(() => liveTool(`tool_${name}`) && liveAtSecond(`tool_${name}`), { withinMs: 5_000 }));
  }
});

test('more applies at once than a router can hold are sent away with when to come again', async () => {
  const asked = Array.from({ length: 20 }, (_, at) =>
    apply('crowd', { 'c.yaml': toolOf(`crowd_${at}`) }, { dryRun: true }),
  );
  const ended = await Promise.allSettled(asked);
  const refusals = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as Fault] : []));
  assert.ok(refusals.length > 0 && refusals.length <= 12, String(refusals.length));
  for (const { reason, retryAfterMs } of refusals) assert.deepEqual([reason, retryAfterMs], ['SETS_BUSY', 5_000]);
});

test('an apply that expects another revision is refused, and tells which one is there', async () => {
  const files = { 'tools/pay.yaml': toolOf('pay', '  version: 6\n') };
  await assert.rejects(apply('payments', files, { ifRevision: 4 }), { reason: 'SET_REVISION_DIFFERS' });
  await assert.rejects(apply('payments', files, { ifRevision: 0 }), { reason: 'SET_REVISION_DIFFERS' });
  assert.equal((await apply('fresh', { 'f.yaml': toolOf('f') }, { ifRevision: 0 })).revision, 1);
  assert.equal((await apply('payments', files, { ifRevision: 5 })).revision, 6);
});

test('a rollback is a new revision with the old files, by whom and why', async () => {
  const outcome = await rollback('payments', 2);
  assert.deepEqual([outcome.stored, outcome.live, outcome.revision], [true, true, 7]);
  assert.equal(liveTool('pay')?.version, '2');
  const [newest, before, ...older] = await history('payments');
  assert.deepEqual(
    [newest?.revision, newest?.restoredRevision, newest?.actor, newest?.reason, before?.actor, older.length],
    [7, 2, 'ben', 'worse', 'ann', 5],
  );
  assert.equal(newest?.digest, older.at(-2)?.digest);
});

test('a rollback to what no longer fits is refused whole', async () => {
  await apply('clash', { 'c.yaml': toolOf('once') });
  await apply('clash', { 'c.yaml': toolOf('twice') });
  await apply('taker', { 't.yaml': toolOf('once') });
  const outcome = await rollback('clash', 1);
  assert.match(outcome.problems[0]!.reason, /is taken by an earlier manifest, set:taker\/t\.yaml:4/);
  assert.ok(liveTool('twice') && liveTool('once'));
});

test('a change that breaks callers of a version is refused, one beside it is not, and back is always open', async () => {
  const demands = (name: string) =>
    `  parameters: { type: object, required: [${name}], properties: { ${name}: {} } }\n`;
  const one = toolOf('search', demands('q'));
  assert.equal((await apply('search', { 's.yaml': toolOf('search') })).stored, true);
  const wider = `  parameters: { type: object, properties: { q: {} } }\n`;
  assert.equal((await apply('search', { 's.yaml': toolOf('search', wider) })).stored, true);
  for (const dryRun of [true, false]) {
    // oxlint-disable-next-line no-await-in-loop
    const { stored, problems } = await apply('search', { 's.yaml': one }, { dryRun });
    assert.equal(stored, false);
    assert.deepEqual(
      problems.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
      [
        's.yaml:10 Tool/search spec.parameters.required: demands q: sessions call it as it was, so raise the version and keep the old one beside it',
      ],
    );
  }
  const both = await apply('search', {
    's.yaml': toolOf('search', wider) + toolOf('search', `  version: 2\n${demands('q')}`),
  });
  assert.deepEqual(
    both.changes.map(({ name, action }) => `${name} ${action}`),
    ['search changed', 'search@1 added'],
  );
  assert.deepEqual([liveTool('search')?.version, liveTool('search@1')?.version], ['2', '1']);
  assert.ok(await eventually(() => liveAtSecond('search@1')?.beside, { withinMs: 5_000 }));
  const keys = (await rig.records('catalog')).map(({ key }) => key);
  assert.ok(keys.lastIndexOf('Tool/search@1') < keys.lastIndexOf('Tool/search'));
  assert.equal((await rollback('search', 1)).stored, true);
  assert.deepEqual([liveTool('search')?.version, liveTool('search@1')], ['1', undefined]);
});

test('a router that is started again keeps the sets, and publishes nothing', async () => {
  const before = (await rig.records('catalog')).length;
  await rig.restart();
  const { health } = rig.running.context;
  assert.ok(await eventually(() => health.report().ready, { withinMs: 15_000 }));
  assert.equal(liveTool('pay')?.version, '2');
  assert.equal((await rig.records('catalog')).length, before);
});

test('a set that is applied empty is gone from every router, and its history stays', async () => {
  const outcome = await apply('payments', {});
  assert.deepEqual([outcome.stored, outcome.live, outcome.revision], [true, true, 8]);
  assert.equal(liveTool('pay'), undefined);
  assert.ok(await eventually(() => liveAtSecond('pay') === undefined, { withinMs: 5_000 }));
  assert.equal((await rollback('payments', 7)).stored, true);
  assert.ok(liveTool('pay'));
});

test('directories that are empty take nothing away, though a set could live without them', async () => {
  const policy = (name: string) => `---
apiVersion: toolfleet.dev/v1
kind: Policy
metadata: { name: ${name} }
spec: {}
`;
  for (const name of new Set((await history('')).map(({ set }) => set))) {
    // oxlint-disable-next-line no-await-in-loop
    await apply(name, {});
  }
  await apply('alone', { 'p.yaml': policy('mine') });
  await rm(join(directory, 'shop.yaml'));
  const { problems } = await apply('alone', { 'p.yaml': `${policy('mine')}${policy('other')}` });
  assert.deepEqual(
    problems.map(({ reason }) => reason),
    ['the catalogue directories hold no manifest'],
  );
  assert.ok(liveTool('get_order') && liveAtSecond('get_order'));
});
