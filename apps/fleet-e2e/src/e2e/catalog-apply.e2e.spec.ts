/** `fleetctl catalog` as a shell sees it, against a real router, broker and database. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runFleetctl, type Ended } from '@toolfleet/fleetctl/testing';
import type { SetOutcome, SetRevision } from '@toolfleet/contracts';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { routerRole } from '@toolfleet/router';
import { testDirectory } from '@toolfleet/testkit';

const toolOf = (name: string, fields = '') => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name}, owner: payments }
spec:
  description: What ${name} does.
  class: read
  effect: read
  http: { upstream: shop, method: GET, path: /${name} }
${fields}`;

let folder: string;
let rig: RoleRig;

before(async () => {
  folder = await testDirectory('catalog-apply-');
  await Promise.all([mkdir(join(folder, 'router')), mkdir(join(folder, 'team', 'deep'), { recursive: true })]);
  const shop = `apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: shop }
spec: { baseUrl: http://127.0.0.1:9, credential: { headers: { x-key: '{env:TOOLFLEET_CREDENTIAL_SHOP}' } } }
`;
  await writeFile(join(folder, 'router', 'shop.yaml'), `${shop}${toolOf('get_order')}`);
  const settings = {
    TOOLFLEET_CATALOG_DIR: join(folder, 'router'),
    TOOLFLEET_CREDENTIAL_SHOP: 'very secret',
  };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
});

after(async () => {
  await rig?.stop();
  await rm(folder, { recursive: true, force: true });
});

function catalog(...words: string[]): Promise<Ended> {
  return catalogWith({}, ...words);
}

const tokenOf = (user: string) => rig.issuer.token({ tenant: '', user, scopes: ['catalog:write', 'operator'] });

async function catalogWith(more: Readonly<Record<string, string>>, ...words: string[]): Promise<Ended> {
  const env = {
    TOOLFLEET_TOKEN: await tokenOf('ann'),
    TOOLFLEET_ROUTER_ADDRESS: rig.grpcAddress,
    ...more,
  };
  return runFleetctl(['catalog', ...words], { env, cwd: folder });
}

const write = (path: string, text: string) => writeFile(join(folder, path), text);
const liveTool = (name: string) => rig.running.context.catalogue.catalogue.get('Tool', name);

test('a bad manifest is refused whole with its file here, line and reason, also as JSON', async () => {
  await write('team/pay.yaml', toolOf('pay'));
  await write('team/deep/bad.yaml', toolOf('bad', '  effekt: read\n'));
  const { code, stdout, stderr } = await catalog('apply', 'team', '--set', 'payments');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /refused: one problem\./);
  assert.match(stderr, /\n {2}team\/deep\/bad\.yaml:10 Tool\/bad spec\.effekt: is not a field of this kind\n?/);
  const json = await catalog('apply', 'team', '--set', 'payments', '--json');
  assert.equal(json.code, 2);
  assert.deepEqual(JSON.parse(json.stdout), {
    problems: [{ file: 'team/deep/bad.yaml', line: 10, reason: 'Tool/bad spec.effekt: is not a field of this kind' }],
  });
  assert.equal((JSON.parse(json.stderr) as { error: { reason: string } }).error.reason, 'CATALOG_REFUSED');
  assert.equal(liveTool('pay'), undefined);
  await rm(join(folder, 'team/deep/bad.yaml'));
});

test('what cannot be meant is refused before anything is sent', async () => {
  for (const [words, code] of [
    [['apply', '--set', 'payments'], 2],
    [['apply', 'team', '--set', 'payments', '--empty'], 2],
    [['apply', 'nowhere', '--set', 'payments'], 4],
    [['apply', 'team/deep', '--set', 'payments'], 4],
    [['apply', 'team', 'team/pay.yaml', '--set', 'payments'], 2],
    [['apply', 'team'], 2],
    [['apply', 'team', '--set', 'Not A Name'], 2],
    [['rollback', '--set', 'payments', '--to', 'first'], 2],
    [['rollback', '--set', 'payments', '--to', '3'], 4],
    [['list', 'Toool'], 4],
    [['get', 'get_order'], 2],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const ended = await catalog(...words);
    assert.deepEqual([ended.code, ended.stdout], [code, ''], `${words.join(' ')}: ${ended.stderr}`);
  }
  const tenants = await rig.issuer.token({ tenant: 'acme', user: 'ann', scopes: ['catalog:read'] });
  const stranger = await catalogWith({ TOOLFLEET_TOKEN: tenants }, 'history');
  assert.deepEqual([stranger.code, /SCOPE_MISSING/.test(stranger.stderr)], [3, true]);
  const unknown = await catalogWith({ TOOLFLEET_TOKEN: 'x'.repeat(20) }, 'history');
  assert.deepEqual([unknown.code, /TOKEN_MALFORMED/.test(unknown.stderr)], [9, true]);
  const nobody = await catalog('history', '--router', '127.0.0.1:1');
  assert.deepEqual([nobody.code, /ROUTER_UNREACHABLE/.test(nobody.stderr)], [7, true]);
});

test('a set is compared, applied, listed, changed, compared field by field, and brought back', async () => {
  const first = await catalog('diff', 'team', '--set', 'payments');
  assert.deepEqual([first.code, first.stdout, first.stderr], [1, '+ Tool/pay\n', '']);
  const dry = await catalog('apply', 'team', '--set', 'payments', '--dry-run');
  assert.deepEqual([dry.code, dry.stdout], [0, '+ Tool/pay\n1 manifest would change; nothing did.\n']);
  const applied = await catalog('apply', 'team', '--set', 'payments', '--reason', 'first try', '--json');
  assert.deepEqual([applied.code, applied.stderr], [0, '']);
  const outcome = JSON.parse(applied.stdout) as SetOutcome;
  assert.deepEqual([outcome.revision, outcome.stored, outcome.live], [1, true, true]);
  assert.ok(liveTool('pay'));
  const same = await catalog('diff', 'team', '--set', 'payments');
  assert.deepEqual([same.code, same.stdout], [0, 'Nothing would change.\n']);

  await write('team/pay.yaml', toolOf('pay', '  riskTier: high\n'));
  const changed = await catalog('diff', 'team/pay.yaml', '--set', 'payments');
  assert.deepEqual([changed.code, changed.stdout], [1, '~ Tool/pay\n    riskTier: "low" → "high"\n']);
  const asBen = { TOOLFLEET_TOKEN: await tokenOf('ben') };
  const second = await catalogWith(asBen, 'apply', 'team', '--set', 'payments', '--if-revision', '1');
  assert.match(
    second.stdout,
    /^~ Tool\/pay\n {4}riskTier: .*\npayments is at revision 2, 1 manifest changed, live as catalogue [0-9a-f]{16}\.\n$/,
  );
  const late = await catalog('apply', 'team', '--set', 'payments', '--if-revision', '1');
  assert.deepEqual([late.code, /is at revision 2, not 1/.test(late.stderr)], [5, true]);

  const back = await catalog('rollback', '--set', 'payments', '--to', '1', '--reason', 'too strict');
  assert.match(back.stdout, /payments is at revision 3, /);
  assert.equal(liveTool('pay')?.riskTier, 'low');
  const { stdout } = await catalog('history', '--set', 'payments', '--json');
  const revisions = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SetRevision);
  assert.deepEqual(
    revisions.map(({ revision, actor, reason, restoredRevision }) => [revision, actor, reason, restoredRevision]),
    [
      [3, 'ann', 'too strict', 1],
      [2, 'ben', '', 0],
      [1, 'ann', 'first try', 0],
    ],
  );
  assert.match((await catalog('history')).stdout, /^payments@3 +\S+ +ann +1 file, \d+ bytes +back to 1: too strict$/m);
});

test('what is live is listed with where it comes from and shown without secrets', async () => {
  const { stdout } = await catalog('list', 'tool');
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, ' | ').replace(/[0-9a-f]{16}/, 'REV')),
    ['KIND | NAME | FROM | REVISION', 'Tool | get_order | the router | REV', 'Tool | pay | set payments | REV'],
  );
  const lines = (await catalog('list', '--set', 'payments', '--json')).stdout.trim().split('\n');
  assert.equal(lines.length, 1);
  const { kind, name, set } = JSON.parse(lines[0]!) as Record<string, string>;
  assert.deepEqual([kind, name, set], ['Tool', 'pay', 'payments']);
  const shop = await catalog('get', 'Upstream/shop');
  assert.match(shop.stdout, /x-key: "\{env:TOOLFLEET_CREDENTIAL_SHOP\}"/);
  assert.doesNotMatch(shop.stdout, /very secret/);
  const tool = JSON.parse((await catalog('get', 'Tool/pay', '--json')).stdout) as {
    set: string;
    spec: { owner: string };
  };
  assert.deepEqual([tool.set, tool.spec.owner], ['payments', 'payments']);
  const unknown = await catalog('get', 'Tool/pays');
  assert.deepEqual([unknown.code, /Known: pay/.test(unknown.stderr)], [4, true]);
});

test('a set that is removed is gone, and what others need of it keeps it', async () => {
  await mkdir(join(folder, 'agents'));
  await write(
    'agents/agent.yaml',
    `apiVersion: toolfleet.dev/v1
kind: Policy
metadata: { name: pays }
spec: { rules: [{ name: pays, effect: deny, tools: [pay] }] }
`,
  );
  assert.equal((await catalog('apply', 'agents', '--set', 'agents')).code, 0);
  const kept = await catalog('apply', '--empty', '--set', 'payments');
  assert.equal(kept.code, 2);
  assert.match(kept.stderr, /set:agents\/agent\.yaml:4 Policy\/pays .*there is no Tool "pay"/);
  assert.equal((await catalog('apply', '--empty', '--set', 'agents')).code, 0);
  const gone = await catalog('apply', '--empty', '--set', 'payments');
  assert.match(gone.stdout, /^- Tool\/pay\npayments is at revision 4, 1 manifest changed, live/);
  assert.equal(liveTool('pay'), undefined);
});
