/** Bad versions of tools, tried by half of the sessions of a whole fleet, and taken back without anybody doing anything. */
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

const toolOf = (name: string, version: number, path: string, visibility: string) => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: ${name}, owner: e2e }
spec:
  description: Reads a note.
  version: ${version}
  visibility: ${visibility}
  parameters: { type: object, required: [id], properties: { id: { type: string } } }
  class: read
  effect: read
  http: { upstream: notes, method: GET, path: '${path}' }
`;
const rolloutOf = (name: string, tool: string, guard: string) => `---
apiVersion: toolfleet.dev/v1
kind: Rollout
metadata: { name: ${name} }
spec:
  tool: ${tool}
  version: 2
  startsAt: 2020-01-01
  steps: [{ percent: 50 }]
  guard: { ${guard} }
`;
const manifests = [
  toolOf('probe_note', 1, '/notes/{id}', 'offered'),
  // A route that its server does not have: it answers, so neither its breaker nor its limit holds back the other version.
  toolOf('probe_note', 2, '/renamed/{id}', 'hidden'),
  rolloutOf('probe-2', 'probe_note', 'errorTimes: 2, callsMin: 5'),
  toolOf('peek_note', 1, '/notes/{id}', 'offered'),
  toolOf('peek_note', 2, '/slow', 'hidden'),
  rolloutOf('peek-2', 'peek_note', 'latencyTimes: 3, callsMin: 5'),
];

let directory: string;
let fleet: FleetUnderTest;
const told: AuditRecord[] = [];

const takenBack = (tool: string) => told.find((one) => one.action === 'ROLLOUT_TAKEN_BACK' && one.tool === tool);

before(async () => {
  directory = await testDirectory('rollout-');
  await cp(shared, directory, { recursive: true });
  await writeFile(join(directory, 'rollout.yaml'), manifests.join(''));
  const [call, peek] = ['probe_note', 'peek_note'].map((name) => ({ name, arguments: { id: 'r' } }));
  fleet = await FleetUnderTest.start({
    catalogDirectory: directory,
    conversations: {
      write: [{ toolCalls: [{ name: 'put_note', arguments: { id: 'r', text: 'v' } }] }, { text: 'done' }],
      probe: [{ toolCalls: [call!] }, { toolCalls: [call!] }, { text: 'done' }],
      peek: [{ toolCalls: [peek!] }, { text: 'done' }],
    },
  });
  await fleet.listen('audit', ({ value }) => void told.push(...decodeAuditRecords(value)));
  assert.equal((await fleet.run('write')).status, 'completed');
});
after(async () => {
  await fleet?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Of the process that has the router. */
async function figures(): Promise<string> {
  const router = fleet.fleet.processes().find(({ roles }) => roles.includes('router'));
  const answer = await fetch(router!.metricsUrl!, { signal: AbortSignal.timeout(5_000) });
  return answer.text();
}

function versionOf(session: string, tool = 'probe_note'): string | undefined {
  const started = fleet.events.get(session)?.find((event) => event.type === 'started');
  return started?.type === 'started' ? started.toolVersions?.[started.tools.indexOf(tool)] : undefined;
}

test('a version that fails is tried by its share, kept by its sessions, and taken back by itself', async () => {
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
      return takenBack('probe_note') !== undefined;
    },
    { withinMs: 120_000 },
  );
  const of = (version: string) => [...tried].filter(([session]) => versionOf(session) === version);
  assert.ok(of('2').length >= 3 && of('1').length >= 3, `${of('1').length} and ${of('2').length}`);
  for (const [, outcomes] of of('2')) assert.deepEqual(outcomes, ['failed', 'failed']);
  for (const [, outcomes] of of('1')) assert.deepEqual(outcomes, ['ok', 'ok']);
  const later = await Promise.all(Array.from({ length: 12 }, () => fleet.start('probe')));
  for (const session of later) {
    // oxlint-disable-next-line no-await-in-loop
    const observations = await fleet.observationsOf(session);
    assert.deepEqual([versionOf(session), observations[0]?.outcome], ['1', 'ok']);
  }
  const taken = takenBack('probe_note');
  assert.deepEqual([taken?.tool, taken?.toolVersion, taken?.outcome], ['probe_note', '2', 'back to 1']);
});

test('a version that is slow is taken back by itself, and stays so when every service is started anew', async () => {
  const sessions = new Set<string>();
  await eventually(
    async () => {
      const begun = await Promise.all(Array.from({ length: 8 }, () => fleet.start('peek')));
      for (const session of begun) {
        sessions.add(session);
        // oxlint-disable-next-line no-await-in-loop -- they run together already
        await fleet.observationsOf(session);
      }
      return takenBack('peek_note') !== undefined;
    },
    { withinMs: 120_000 },
  );
  assert.equal(takenBack('peek_note')?.comment, 'rollout peek-2 takes too long');
  const versions = [...sessions].map((session) => versionOf(session, 'peek_note'));
  assert.ok(['1', '2'].every((version) => versions.filter((one) => one === version).length >= 3));
  const counted = await figures();
  assert.match(counted, /toolfleet_rollout_taken_back\{[^}]*rollout="peek-2"[^}]*\} 1/);
  assert.match(counted, /toolfleet_rollout_share_percent\{[^}]*rollout="peek-2"[^}]*\} 0/);
  const [, latencyTimes] = /toolfleet_rollout_latency_times\{[^}]*rollout="peek-2"[^}]*\} ([\d.]+)/.exec(counted) ?? [];
  assert.ok(Number(latencyTimes) > 3, latencyTimes);
  await fleet.fleet.kill(fleet.fleet.processes().find(({ roles }) => roles.includes('router'))!.name);
  await fleet.fleet.untilReady({ withinMs: 30_000 });
  const later = await Promise.all(Array.from({ length: 12 }, () => fleet.start('peek')));
  for (const session of later) {
    // oxlint-disable-next-line no-await-in-loop
    await fleet.observationsOf(session);
    assert.equal(versionOf(session, 'peek_note'), '1');
  }
});
