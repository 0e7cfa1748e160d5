/** `fleetctl rollout` against a whole fleet: planned, rehearsed, applied, and gone back from. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeAuditRecords } from '@toolfleet/contracts';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import type { AuditRecord, RehearsalCheck, RolloutPlan } from '@toolfleet/kernel';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const toolOf = (version: number, path: string, fields = '') => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: probe_note, owner: e2e }
spec:
  description: Reads a note.
  version: ${version}
  parameters: { type: object, required: [id], properties: { id: { type: string } } }
  class: read
  effect: read
  http: { upstream: notes, method: GET, path: '${path}' }
${fields}`;
const ended = '  visibility: hidden\n  deprecatedAt: 2020-01-01\n  sunsetAt: 2020-02-01\n';
const tools = toolOf(1, '/notes/{id}') + toolOf(2, '/slow', '  visibility: hidden\n') + toolOf(3, '/notes/{id}', ended);
const rolloutOf = (version: number) => `apiVersion: toolfleet.dev/v1
kind: Rollout
metadata: { name: probe-next }
spec:
  tool: probe_note
  version: ${version}
  tenants: [acme]
  startsAt: 2020-01-01
  steps: [{ percent: 20, minutes: 60 }, { percent: 100 }]
`;

let folder: string;
let fleet: FleetUnderTest;
const told: AuditRecord[] = [];

before(async () => {
  folder = await testDirectory('rollout-commands-');
  await writeFile(join(folder, 'tools.yaml'), tools);
  await writeFile(join(folder, 'rollout.yaml'), rolloutOf(2));
  await writeFile(join(folder, 'ended.yaml'), rolloutOf(3));
  const call = { name: 'probe_note', arguments: { id: 'r' } };
  fleet = await FleetUnderTest.start({
    conversations: {
      write: [{ toolCalls: [{ name: 'put_note', arguments: { id: 'r', text: 'v' } }] }, { text: 'done' }],
      probe: [{ toolCalls: [call] }, { text: 'done' }],
      slow: [{ toolCalls: [call], delayMs: 4_000 }, { text: 'done' }],
    },
  });
  await fleet.listen('audit', ({ value }) => void told.push(...decodeAuditRecords(value)));
  assert.equal((await fleet.run('write')).status, 'completed');
  await fleetctl(0, 'catalog', 'apply', join(folder, 'tools.yaml'), '--set', 'probe', '--reason', 'two versions');
  await Promise.all(Array.from({ length: 6 }, async () => fleet.outcomeOf(await fleet.start('probe'))));
});
after(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What it printed; it must end with that code. */
async function fleetctl(code: number, ...words: string[]): Promise<string> {
  const scopes = ['catalog:write', 'audit:read', 'operator'] as const;
  const env = {
    TOOLFLEET_TOKEN: await fleet.fleet.issuer.token({ tenant: '', user: 'ann', scopes: [...scopes] }),
    TOOLFLEET_ROUTER_ADDRESS: fleet.fleet.routerAddress,
    TOOLFLEET_POLICY_ADDRESS: fleet.fleet.policyAddress,
    TOOLFLEET_KAFKA_BROKERS: fleet.fleet.brokers.join(','),
    TOOLFLEET_TOPIC_PREFIX: fleet.names.prefix,
  };
  const result = await runFleetctl(words, { env });
  assert.equal(result.code, code, `${words.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

function startOf(session: string) {
  const started = fleet.events.get(session)?.find((event) => event.type === 'started');
  if (started?.type !== 'started') return undefined;
  return { version: started.toolVersions?.[started.tools.indexOf('probe_note')], atMs: started.atMs };
}

const begun = (session: string) => eventually(async () => startOf(session), { withinMs: 20_000 });

/** When the first of the sessions began that was given the version. */
async function firstWith(version: string): Promise<number> {
  return eventually(
    async () => {
      const { version: given, atMs } = await begun(await fleet.start('probe'));
      return given === version ? atMs : undefined;
    },
    { withinMs: 20_000 },
  );
}

test('a plan tells from recorded traffic whose sessions would try a version, step by step', async () => {
  const plan = await eventually(
    async () => {
      const planned = JSON.parse(
        await fleetctl(0, 'rollout', 'plan', join(folder, 'rollout.yaml'), '--json'),
      ) as RolloutPlan;
      return (planned.tenants[0]?.callsPerDay ?? 0) >= 6 ? planned : undefined;
    },
    { withinMs: 20_000 },
  );
  assert.deepEqual([plan.version, plan.current, plan.guard], ['2', '1', undefined]);
  const [tenant, ...others] = plan.tenants;
  assert.deepEqual([tenant?.tenant, others], ['acme', []]);
  const shares = plan.steps.map(({ percent, sessionsPerDay }) => [percent, sessionsPerDay]);
  const all = tenant!.sessionsPerDay;
  assert.deepEqual(shares, [
    [20, Math.round(all * 20) / 100],
    [100, all],
  ]);
  const text = await fleetctl(0, 'rollout', 'plan', join(folder, 'rollout.yaml'));
  assert.match(text, /^probe-next: version 2 of probe_note in place of 1[^]*\nacme +\d[^]*No guard/);
});

test('a rehearsal on the live fleet goes there and back, and touches nobody', async () => {
  const report = JSON.parse(
    await fleetctl(0, 'rollout', 'rehearse', join(folder, 'rollout.yaml'), '--live', '--json'),
  ) as { recorded: number; madeUp: number; passed: boolean; checks: RehearsalCheck[] };
  assert.ok(report.recorded >= 6 && report.madeUp === 1_000 && report.passed);
  const failed = report.checks.filter(({ result }) => result === 'failed');
  const live = report.checks.filter(({ check }) => check.startsWith('live: '));
  assert.deepEqual([failed, live.length], [[], 4]);
  assert.equal(
    await fleetctl(0, 'catalog', 'diff', join(folder, 'tools.yaml'), '--set', 'probe'),
    'Nothing would change.\n',
  );
  const history = await fleetctl(0, 'catalog', 'history', '--set', 'probe');
  assert.match(history, /probe@3 .*rehearsal of the rollout probe-next: and back\n.*\nprobe@1/);
  const touched = [...fleet.events.keys()].filter((session) => startOf(session)?.version === '2');
  assert.deepEqual(touched, []);
});

test('a rehearsal of a version that sessions could not keep fails, and changes nothing', async () => {
  const text = await fleetctl(1, 'rollout', 'rehearse', join(folder, 'ended.yaml'));
  assert.match(text, /failed +sessions under way keep it +version 3 is sunset/);
  assert.match(text, /\n1 check failed: do not apply it\.\n$/);
  assert.match(await fleetctl(0, 'catalog', 'history', '--set', 'probe'), /\nprobe@3/);
});

test('an apply gives the version out and a rollback takes it back within a second, but not from whom it was given', async () => {
  await fleetctl(0, 'rollout', 'apply', join(folder, 'rollout.yaml'), '--reason', 'try it', '--dry-run');
  const applied = Date.now();
  await fleetctl(0, 'rollout', 'apply', join(folder, 'rollout.yaml'), '--reason', 'try it');
  assert.ok(applied < (await firstWith('2')));
  const slow = await fleet.start('slow');
  assert.equal((await begun(slow)).version, '2');
  const result = JSON.parse(
    await fleetctl(0, 'rollout', 'rollback', 'probe-next', '--reason', 'it is slow', '--json'),
  ) as {
    backTo: string;
    live: boolean;
    tookMs: number;
    holders: { tenant: string; agent: string; sessions: number }[];
  };
  const back = Date.now();
  assert.deepEqual([result.backTo, result.live], ['1', true]);
  assert.ok(result.tookMs < 1_000, `${result.tookMs} ms`);
  assert.deepEqual(
    result.holders.map(({ tenant, agent }) => `${tenant}/${agent}`),
    ['acme/tester'],
  );
  assert.ok((await firstWith('1')) - back <= 1_000);
  const [observation] = await fleet.observationsOf(slow);
  assert.equal(observation?.outcome, 'ok');
  assert.match(Buffer.from(observation.result ?? []).toString('utf8'), /at last/);
  const entry = await eventually(
    async () => told.find(({ action, comment }) => action === 'CATALOG_CHANGED' && comment === 'it is slow'),
    { withinMs: 10_000 },
  );
  assert.deepEqual([entry.actor, entry.outcome], ['ann', 'probe@5 -Rollout/probe-next']);
  await fleetctl(4, 'rollout', 'rollback', 'probe-next', '--reason', 'again');
});
