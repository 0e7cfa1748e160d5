/** `fleetctl catalog unused` and `check --live` as a shell sees them, against a real router, broker and database. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Ended } from '@toolfleet/fleetctl/testing';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import { dayOf } from '@toolfleet/kernel';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { routerRole } from '@toolfleet/router';
import { testDirectory } from '@toolfleet/testkit';

const dayMs = 86_400_000;
const toolOf = (name: string, fields = '') => `apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name}, owner: shop-team }
spec: # kept as it is written
  description: What ${name} does.
  class: read
  effect: read
  driver: builtin
  builtin: echo
  parameters: { type: object, properties: { id: { type: string }${fields} }, additionalProperties: false }
`;

let folder: string;
let rig: RoleRig;
const fleetctl = (...words: string[]): Promise<Ended> => runFleetctl(['catalog', ...words], { cwd: folder });
const run = (text: string) => rig.running.context.database.query({ name: '', text }, []);
const calledAt = (tool: string, atMs: number) =>
  run(`insert into tool_usage values ('acme', '${tool}', '1', 'a', '${dayOf(atMs)}', 1, 0, 0, 0)`);

before(async () => {
  folder = await testDirectory('catalog-unused-');
  const live = join(folder, 'router');
  await mkdir(live);
  await writeFile(join(live, 'tools.yaml'), ['busy', 'idle', 'young'].map((name) => toolOf(name)).join('---\n'));
  const settings = { TOOLFLEET_CATALOG_DIR: live };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
  await run(`update tool_first_seen set first_seen_at_ms = 0 where tool <> 'young'`);
});
after(async () => {
  await rig?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('nothing is said of a window of which not all is recorded', async () => {
  await calledAt('busy', Date.now() - dayMs);
  const { code, stderr } = await fleetctl('unused', '--days', '30');
  assert.equal(code, 5);
  assert.match(stderr, /USAGE_TOO_SHORT/);
});

test('tools are told that nobody called for all of the window, and what is younger is only counted', async () => {
  await calledAt('busy', Date.now() - 31 * dayMs);
  const { code, stdout } = await fleetctl('unused', '--days', '30');
  assert.equal(code, 0);
  assert.match(stdout, /^TOOL +VERSION +OWNER +SINCE\nidle +1 +shop-team +1970-01-01\n1 more .* younger/);
  const json = JSON.parse((await fleetctl('unused', '--json')).stdout) as {
    unused: { name: string }[];
    young: string[];
  };
  assert.deepEqual([json.unused.map(({ name }) => name), json.young], [['idle'], ['young@1']]);
});

test('their manifests are archived with who, when and why, and nothing else of a file is touched', async () => {
  const team = join(folder, 'team');
  await mkdir(team);
  const [path, other] = [join(team, 'tools.yaml'), join(team, 'other.yaml')];
  await Promise.all([writeFile(path, `${toolOf('idle')}---\n${toolOf('busy')}`), writeFile(other, toolOf('young'))]);
  const unsigned = await fleetctl('unused', '--archive', team, '--actor', 'ann');
  assert.match(unsigned.stderr, /AUTHOR_MISSING/);
  const { code, stdout } = await fleetctl('unused', '--archive', team, '--actor', 'ann', '--reason', 'spring cleaning');
  assert.equal(code, 0);
  assert.match(stdout, /1 archived in 1 files of /);
  const [idle, busy] = (await readFile(path, 'utf8')).split('---\n');
  assert.match(
    idle!,
    new RegExp(`^# Archived ${dayOf(Date.now())} by ann: spring cleaning \\(no call for 30 days\\)\\.`),
  );
  assert.match(idle!, /spec: # kept as it is written\n {2}visibility: archived\n/);
  assert.doesNotMatch(busy!, /archived/);
  assert.equal(await readFile(other, 'utf8'), toolOf('young'));
  assert.equal((await fleetctl('check', team, '--live')).code, 0, 'an archived tool breaks no caller');
});

test('a change that breaks callers of what is live is refused with its place, without a router', async () => {
  const changed = join(folder, 'changed');
  await mkdir(changed);
  await writeFile(join(changed, 'tools.yaml'), toolOf('idle', ', more: { type: string }'));
  assert.equal((await fleetctl('check', changed, '--live')).code, 0, 'one parameter more breaks nobody');
  const narrowed = toolOf('idle').replace('{ type: string }', '{ type: integer }');
  await writeFile(join(changed, 'tools.yaml'), narrowed);
  const { code, stdout, stderr } = await fleetctl('check', changed, '--live');
  assert.equal(code, 2);
  assert.match(stdout, /1 changes break what is live/);
  assert.match(stderr, /changed\/tools\.yaml:\d+ Tool\/idle .*no longer takes string/);
});
