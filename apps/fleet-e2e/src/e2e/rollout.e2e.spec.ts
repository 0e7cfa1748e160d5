/** A bad version of a tool, tried by half of the sessions of a whole fleet, and taken back without anybody doing anything. */
import assert from 'node:assert/strict';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const shared = fileURLToPath(new URL('../../catalog', import.meta.url));

const probe = (version: number, path: string, visibility: string) => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: probe_note, owner: e2e }
spec:
  description: Reads a note.
  version: ${version}
  visibility: ${visibility}
  parameters: { type: object, required: [id], properties: { id: { type: string } } }
  class: read
  effect: read
  http: { upstream: notes, method: GET, path: '${path}' }
`;
const rollout = `---
apiVersion: toolfleet.dev/v1
kind: Rollout
metadata: { name: probe-2 }
spec:
  tool: probe_note
  version: 2
  startsAt: 2020-01-01
  steps: [{ percent: 50 }]
  guard: { errorTimes: 2, callsMin: 5 }
`;

let directory: string;
let fleet: FleetUnderTest;

before(async () => {
  directory = await testDirectory('rollout-');
  await cp(shared, directory, { recursive: true });
  const manifests = probe(1, '/notes/{id}', 'offered') + probe(2, '/fail', 'hidden') + rollout;
  await writeFile(join(directory, 'rollout.yaml'), manifests);
  const call = { name: 'probe_note', arguments: { id: 'r' } };
  fleet = await FleetUnderTest.start({
    catalogDirectory: directory,
    conversations: {
      write: [{ toolCalls: [{ name: 'put_note', arguments: { id: 'r', text: 'v' } }] }, { text: 'done' }],
      probe: [{ toolCalls: [call] }, { toolCalls: [call] }, { text: 'done' }],
    },
  });
});
after(async () => {
  await fleet?.close();
  await rm(directory, { recursive: true, force: true });
});

function versionOf(session: string): string | undefined {
  const started = fleet.events.get(session)?.find((event) => event.type === 'started');
  return started?.type === 'started' ? started.toolVersions?.[started.tools.indexOf('probe_note')] : undefined;
}

test('a version that fails is tried by its share, kept by its sessions, and taken back by itself', async () => {
  const told: AuditRecord[] = [];
  await fleet.listen('audit', ({ value }) => void told.push(...decodeAuditRecords(value)));
  assert.equal((await fleet.run('write')).status, 'completed');
  const tried = new Map<string, string[]>();
  await eventually(
    async () => {
      const sessions = await Promise.all(Array.from({ length: 8 }, () => fleet.start('probe')));
      for (const session of sessions) {
        // oxlint-disable-next-line no-await-in-loop -- they run together already
        tried.set(
          session,
          (await fleet.observationsOf(session)).map(({ outcome }) => outcome),
        );
      }
      return told.some(({ action }) => action === 'ROLLOUT_TAKEN_BACK');
    },
    { withinMs: 120_000 },
  );
  const of = (version: string) => [...tried].filter(([session]) => versionOf(session) === version);
  assert.ok(of('2').length >= 3 && of('1').length >= 3, `${of('1').length} and ${of('2').length}`);
  for (const [, outcomes] of of('2')) assert.deepEqual(outcomes, ['unavailable', 'unavailable']);
  for (const [, outcomes] of of('1')) assert.deepEqual(outcomes, ['ok', 'ok']);
  const later = await Promise.all(Array.from({ length: 12 }, () => fleet.start('probe')));
  for (const session of later) {
    // oxlint-disable-next-line no-await-in-loop
    const observations = await fleet.observationsOf(session);
    assert.deepEqual([versionOf(session), observations[0]?.outcome], ['1', 'ok']);
  }
  const [taken] = told.filter(({ action }) => action === 'ROLLOUT_TAKEN_BACK');
  assert.deepEqual([taken?.tool, taken?.toolVersion, taken?.outcome], ['probe_note', '2', 'back to 1']);
});
