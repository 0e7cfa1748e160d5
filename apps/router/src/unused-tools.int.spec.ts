/** Tools that nobody calls, archived by the router where operators say after how many days. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeAuditRecords, decodeCatalogEntry } from '@toolfleet/contracts';
import { dayOf } from '@toolfleet/kernel';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { routerRole } from './router.role.js';

const toolOf = (name: string, fields = '') => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name} }
spec: { description: Get., class: read, effect: read, driver: builtin, builtin: echo${fields} }
`;
const manifests = ['busy', 'idle', 'young', 'rescue']
  .map((name) => toolOf(name, name === 'rescue' ? ', archiveUnused: false' : ''))
  .join('');

const within = { withinMs: 15_000 };
const dayMs = 86_400_000;
let directory: string;
let rig: RoleRig;

before(async () => {
  directory = await testDirectory('catalog-');
  await writeFile(join(directory, 'tools.yaml'), manifests);
  const settings = {
    TOOLFLEET_CATALOG_DIR: directory,
    TOOLFLEET_CATALOG_POLL_MS: '100',
    TOOLFLEET_ARCHIVE_UNUSED_DAYS: '30',
  };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
});

after(async () => {
  await rig?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Each tool as the newest record of the topic has it. */
async function standing(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const record of await rig.records('catalog')) {
    const entry = record.value && decodeCatalogEntry(record.value).manifest;
    if (entry?.kind === 'Tool') found[entry.spec.name] = entry.spec.visibility ?? 'offered';
  }
  return found;
}

const run = (text: string) => rig.running.context.database.query({ name: '', text }, []);
const offered = { busy: 'offered', idle: 'offered', young: 'offered', rescue: 'offered' };

test('nothing is archived of a fleet whose calls are not recorded for so long', async () => {
  assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
  await run(`update tool_first_seen set first_seen_at_ms = 0 where tool <> 'young'`);
  const nowMs = Date.now();
  await run(`insert into tool_usage values ('acme', 'busy', '1', 'a', '${dayOf(nowMs - dayMs)}', 3, 0, 0, 0)`);
  await rig.restart();
  assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
  assert.deepEqual(await standing(), offered);
});

test('what nobody called for so many days is archived, told to the audit once, and stays so over restarts', async () => {
  await run(
    `insert into tool_usage values ('acme', 'busy', '1', 'a', '${dayOf(Date.now() - 31 * dayMs)}', 3, 0, 0, 0)`,
  );
  await rig.restart();
  const isArchived = async () => ((await standing())['idle'] === 'archived' ? true : undefined);
  assert.ok(await eventually(isArchived, within));
  assert.deepEqual(await standing(), { ...offered, idle: 'archived' });
  await rig.restart();
  assert.ok(await eventually(() => rig.running.context.health.report().ready, within));
  assert.deepEqual(await standing(), { ...offered, idle: 'archived' });
  const told = await eventually(async () => {
    const records = (await rig.records('audit')).flatMap(({ value }) => decodeAuditRecords(value));
    const own = records.filter(({ action }) => action === 'TOOL_ARCHIVED');
    return own.length > 0 ? own : undefined;
  }, within);
  assert.deepEqual(
    told.map(({ tool, toolVersion, comment }) => [tool, toolVersion, comment]),
    [['idle', '1', 'no call for 30 days']],
  );
});

test('a manifest that says so, and the setting that is turned off, give an archived tool back', async () => {
  await writeFile(join(directory, 'idle.yaml'), toolOf('idle', ', archiveUnused: false'));
  await writeFile(join(directory, 'tools.yaml'), manifests.replace(toolOf('idle'), ''));
  const isBack = async () => ((await standing())['idle'] === 'offered' ? true : undefined);
  assert.ok(await eventually(isBack, within));
  await writeFile(join(directory, 'idle.yaml'), toolOf('idle'));
  assert.ok(await eventually(async () => ((await standing())['idle'] === 'archived' ? true : undefined), within));
  process.env['TOOLFLEET_ARCHIVE_UNUSED_DAYS'] = '0';
  await rig.restart();
  assert.ok(await eventually(isBack, within));
});
