/** A tool behind a flag in a whole fleet: who is given it, what the others are told, and how soon a change counts. */
import assert from 'node:assert/strict';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import type { FlagRule, FlagSpec } from '@toolfleet/kernel';
import { evaluateFlag } from '@toolfleet/kernel';
import { testDirectory } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const shared = fileURLToPath(new URL('../../catalog', import.meta.url));
const tenant = (name: string) => `---
apiVersion: toolfleet.dev/v1
kind: Tenant
metadata: { name: ${name} }
spec: { agents: [tester] }
`;
const tool = `apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: probe_note, owner: e2e }
spec:
  description: Reads a note by probing.
  needsFlag: true
  parameters: { type: object, required: [id], properties: { id: { type: string } } }
  class: read
  effect: read
  http: { upstream: notes, method: GET, path: '/notes/{id}' }
`;
const flag: FlagSpec = {
  ...{ name: 'probing', tools: ['probe_note'], variants: { on: true, off: false }, defaultVariant: 'off' },
  ...{ stickyBy: 'session', rules: [] },
};
const rule = (over: Partial<FlagRule>): FlagRule => ({
  ...{ tenants: ['*'], agents: ['*'], percent: 100, variant: 'on', ...over },
});
const few = [rule({ tenants: ['beta'] }), rule({ tenants: ['acme'], percent: 50 })];

let folder: string;
let fleet: FleetUnderTest;

before(async () => {
  folder = await testDirectory('flags-');
  await cp(shared, join(folder, 'router'), { recursive: true });
  await writeFile(join(folder, 'router', 'tenants.yaml'), tenant('beta') + tenant('globex'));
  const call = { name: 'probe_note', arguments: { id: 'r' } };
  fleet = await FleetUnderTest.start({
    catalogDirectory: join(folder, 'router'),
    conversations: {
      write: [{ toolCalls: [{ name: 'put_note', arguments: { id: 'r', text: 'v' } }] }, { text: 'done' }],
      probe: [{ toolCalls: [call] }, { text: 'done' }],
      slow: [{ toolCalls: [call], delayMs: 3_000 }, { text: 'done' }],
      find: [{ toolCalls: [{ name: 'find_tools', arguments: { query: 'probe note' } }] }, { text: 'done' }],
    },
  });
  assert.equal((await fleet.run('write')).status, 'completed');
});
after(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

async function apply(rules: readonly FlagRule[]): Promise<number> {
  const { name, ...spec } = { ...flag, rules };
  const manifest = { apiVersion: 'toolfleet.dev/v1', kind: 'Flag', metadata: { name }, spec };
  await writeFile(join(folder, 'probe.yaml'), `${tool}---\n${JSON.stringify(manifest)}\n`);
  const token = await fleet.fleet.issuer.token({ tenant: '', user: 'ann', scopes: ['catalog:write', 'operator'] });
  const env = { TOOLFLEET_TOKEN: token, TOOLFLEET_ROUTER_ADDRESS: fleet.fleet.routerAddress };
  const { code, stderr } = await runFleetctl(
    ['catalog', 'apply', join(folder, 'probe.yaml'), '--set', 'probe', '--reason', 'try it'],
    { env },
  );
  assert.equal(code, 0, stderr);
  return Date.now();
}

/** What became of the session's call, and whether the fleet gave it the tool. */
async function fateOf(session: string) {
  const [observation] = await fleet.observationsOf(session);
  const started = fleet.events.get(session)?.find((event) => event.type === 'started');
  assert.ok(started?.type === 'started');
  const { outcome, refusal } = observation!;
  return {
    end: refusal?.reason ?? outcome,
    isGiven: started.tools.includes('probe_note'),
    isKeptBack: started.toolsKeptBack?.includes('probe_note') ?? false,
    atMs: started.atMs,
  };
}

test('a tool is given to the tenants and the share that its flag names; the others are told when they call it', async () => {
  await apply(few);
  const given = new Map<string, boolean>();
  for (const tenantName of ['acme', 'beta', 'globex']) {
    const sessions = await Promise.all(
      Array.from({ length: tenantName === 'acme' ? 24 : 3 }, () => fleet.start('probe', { tenant: tenantName })),
    );
    for (const targetingKey of sessions) {
      // oxlint-disable-next-line no-await-in-loop -- they run together already
      const { end, isGiven, isKeptBack } = await fateOf(targetingKey);
      const answer = evaluateFlag({ ...flag, rules: few }, { tenant: tenantName, targetingKey });
      assert.equal(isGiven, answer.error === undefined && answer.value, `${tenantName} ${targetingKey}`);
      assert.deepEqual([end, isKeptBack], isGiven ? ['ok', false] : ['FLAG_OFF', true]);
      if (tenantName === 'acme') given.set(targetingKey, isGiven);
      else assert.equal(isGiven, tenantName === 'beta');
    }
  }
  const share = [...given.values()].filter(Boolean).length;
  assert.ok(share >= 4 && share <= 20, `${share} of 24`);
  const search = await fleet.start('find', { tenant: 'globex' });
  const [found] = await fleet.observationsOf(search);
  assert.ok(
    !Buffer.from(found!.result ?? [])
      .toString('utf8')
      .includes('probe_note'),
  );
});

test('a change reaches sessions that begin a second later, and takes nothing from those that have begun', async () => {
  await apply(few);
  const running = await fleet.start('slow', { tenant: 'beta' });
  const off = await apply([]);
  assert.ok((await until((fate) => fate.isKeptBack, 'beta')) - off <= 1_000);
  const on = await apply([rule({})]);
  assert.ok((await until((fate) => fate.isGiven, 'globex')) - on <= 1_000);
  const { end, isGiven } = await fateOf(running);
  assert.deepEqual([isGiven, end], [true, 'ok']);
});

/** When the first session began of which it is true. */
async function until(is: (fate: Awaited<ReturnType<typeof fateOf>>) => boolean, tenantName: string): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    const fate = await fateOf(await fleet.start('probe', { tenant: tenantName }));
    if (is(fate)) return fate.atMs;
  }
  throw new Error('never');
}
