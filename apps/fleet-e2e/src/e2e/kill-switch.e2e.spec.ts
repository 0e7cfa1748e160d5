/** Kill switches over a fleet of two processes: how soon they are in force everywhere, and that nothing gets past them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import { decodeAuditRecords } from '@toolfleet/contracts';
import type { AuditRecord, KillSwitch, KillTarget, SessionEvent } from '@toolfleet/kernel';
import { Outlet } from '@toolfleet/platform/bus';
import { eventually } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

/** What operators are promised. */
const inForceWithinMs = 1_000;

const put = { name: 'put_note', arguments: { id: 'k', text: 'v' } };
const conversations = {
  write: [{ toolCalls: [put] }, { text: 'done' }],
  hang: [{ toolCalls: [{ name: 'hanging_read', arguments: {} }] }, { text: 'gave up' }],
};

let fleet: FleetUnderTest;
let outlet: Outlet;

before(async () => {
  fleet = await FleetUnderTest.start({ layout: 2, conversations });
  outlet = new Outlet(fleet.producer, fleet.names, fleet.placement);
});
after(() => fleet?.close());

async function thrown(target: KillTarget, more: Partial<KillSwitch> = {}): Promise<number> {
  const atMs = Date.now();
  await outlet.killSwitch({ target, actor: 'ann', reason: 'a test', atMs, cancelRunning: false, ...more });
  return atMs;
}

const by = { actor: 'ann', reason: 'over' };
const reasonsOf = async (sessionId: string) =>
  (await fleet.observationsOf(sessionId)).map(({ outcome, refusal }) => refusal?.reason ?? outcome);

function judgedAtMs(sessionId: string): number {
  const answered = (event: SessionEvent) => event.type === 'modelAnswered';
  return fleet.events.get(sessionId)?.find(answered)?.atMs ?? 0;
}

for (const [what, target] of [
  ['a tool', { tool: 'put_note' }],
  ['a tenant', { tenant: 'acme' }],
  ['a class', { toolClass: 'write' }],
  ['the fleet', {}],
] as const) {
  test(`calls of ${what} that is switched off are refused everywhere within a second, and go on when it is lifted`, async () => {
    const done = (await fleet.run('write')).status;
    assert.equal(done, 'completed');
    const atMs = await thrown(target);
    const before = fleet.notes.executions.size;
    const sessions: string[] = [];
    // Sessions of both processes, until all of a round are refused.
    await eventually(
      async () => {
        const round = await Promise.all(Array.from({ length: 8 }, () => fleet.start('write')));
        sessions.push(...round);
        const ends = await Promise.all(round.map(reasonsOf));
        return ends.every(([reason]) => reason === 'KILLED');
      },
      { withinMs: 30_000 },
    );
    const ends = await Promise.all(sessions.map(async (session) => ({ session, reasons: await reasonsOf(session) })));
    const passed = ends.filter(({ reasons }) => !reasons.includes('KILLED'));
    for (const { session } of passed) assert.ok(judgedAtMs(session) - atMs < inForceWithinMs, 'a call got past it');
    assert.equal(fleet.notes.executions.size - before, passed.length);
    await outlet.liftKillSwitch(target, by);
    assert.ok(
      await eventually(async () => (await reasonsOf(await fleet.start('write')))[0] === 'ok', { withinMs: 30_000 }),
    );
  });
}

test('calls that run are cancelled where the switch says so', async () => {
  const session = await fleet.start('hang');
  await eventually(() => fleet.notes.hanging() === 1, { withinMs: 30_000 });
  await thrown({ tool: 'hanging_read' }, { cancelRunning: true });
  assert.deepEqual(await reasonsOf(session), ['CANCELLED']);
  await outlet.liftKillSwitch({ tool: 'hanging_read' }, by);
});

function fleetctl(...words: string[]) {
  const prefix = fleet.names.prefix;
  return runFleetctl(words, {
    env: { TOOLFLEET_KAFKA_BROKERS: fleet.fleet.brokers.join(), TOOLFLEET_TOPIC_PREFIX: prefix },
  });
}

test('an operator throws, sees and lifts a switch by name, and the audit tells who and why', async () => {
  const told: AuditRecord[] = [];
  await fleet.listen('audit', ({ value }) => void told.push(...decodeAuditRecords(value)));
  const words = ['--actor', 'ben', '--reason', 'wrong refunds'];
  const typo = await fleetctl('kill', 'tool', 'put_noet', ...words);
  assert.deepEqual([typo.code, /TARGET_UNKNOWN/.test(typo.stderr)], [4, true]);
  assert.equal((await fleetctl('kill', 'tool', 'put_note', '--for', '1h', ...words)).code, 0);
  assert.deepEqual(await reasonsOf(await fleet.start('write')), ['KILLED']);
  const [line] = (await fleetctl('kill', 'list', '--json')).stdout.trim().split('\n');
  const { target, actor, reason } = JSON.parse(line!) as KillSwitch;
  assert.deepEqual({ target, actor, reason }, { target: { tool: 'put_note' }, actor: 'ben', reason: 'wrong refunds' });
  assert.equal((await fleetctl('kill', 'lift', 'tool', 'put_note', ...words)).code, 0);
  assert.equal((await fleetctl('kill', 'lift', 'tool', 'put_note', ...words)).code, 4);
  assert.equal((await fleetctl('kill', 'list')).stdout, 'No switch is thrown.\n');
  await eventually(() => told.some(({ action }) => action === 'KILL_SWITCH_LIFTED'), { withinMs: 30_000 });
  const ours = told.filter(({ action }) => action.startsWith('KILL_SWITCH'));
  assert.deepEqual(
    ours.map((record) => [record.action, record.actor, record.tool, record.comment]),
    [
      ['KILL_SWITCH_THROWN', 'ben', 'put_note', 'wrong refunds'],
      ['KILL_SWITCH_LIFTED', 'ben', 'put_note', 'wrong refunds'],
    ],
  );
});
