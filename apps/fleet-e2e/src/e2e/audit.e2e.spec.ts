/** What the audit holds after a run in which a process died: everything, once, and in a log that verifies. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import { exportAudit, verifyAudit, type PolicyService } from '@toolfleet/fleetctl/local';
import type { AuditEntryBody, BlastRadius } from '@toolfleet/kernel';
import { readLogLine } from '@toolfleet/kernel';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { FleetUnderTest } from '../fleet-under-test.js';

const call = (name: string, args: object = {}) => ({ name, arguments: args });
const put = call('put_note', { id: 'n', text: 'kept' });
const conversations = {
  'read and write': [
    { toolCalls: [call('get_note', { id: 'n' }), put], delayMs: 50 },
    { text: 'done', delayMs: 50 },
  ],
  'sell and fail': [
    { toolCalls: [call('sell_notes'), call('failing_read'), call('no_such_tool'), call('put_note', { id: 7 })] },
    { text: 'sorry' },
  ],
  'wipe after approval': [{ toolCalls: [call('wipe_notes')] }, { text: 'wiped' }],
  'hang until cancelled': [{ toolCalls: [call('hanging_read')] }, { text: 'never said' }],
};
const within = { withinMs: 30_000 };
const noSignal = new AbortController().signal;

let fleet: FleetUnderTest;
let folder: string;

before(async () => {
  folder = await testDirectory('audit-');
  fleet = await FleetUnderTest.start({ layout: 2, conversations });
});
after(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

async function auditor(): Promise<PolicyService> {
  const scopes = ['audit:read', 'audit:erase', 'catalog:write'] as const;
  const authorization = await fleet.authorization('acme', { user: 'officer', scopes });
  return { address: fleet.fleet.policyAddress, authorization };
}

async function entries(): Promise<AuditEntryBody[]> {
  const parts: Uint8Array[] = [];
  const request = { tenant: 'acme', afterSeq: 0, open: false };
  for await (const part of exportAudit(await auditor(), request, noSignal)) parts.push(part);
  const lines = Buffer.concat(parts).toString('latin1').split('\n');
  return lines.flatMap((line) => {
    const read = readLogLine(Buffer.from(line, 'latin1'));
    return read?.type === 'entry' ? [JSON.parse(read.text.toString()) as AuditEntryBody] : [];
  });
}

/**
 * Once every session that is named has told its end, and so many calls. The executor's death may come between what it tells the
 * session and what it tells the audit; then the call's record is handled again, which can be later than the end of its session.
 */
const entriesOf = (sessions: readonly string[], callsOfEach = 0): Promise<AuditEntryBody[]> =>
  eventually(async () => {
    const all = await entries();
    const told = sessions.map((sessionId) => all.filter(({ session }) => session === sessionId));
    const isTold = told.every((own) => {
      const calls = own.filter(({ action }) => action === 'CALL_EXECUTED').map((entry) => entry.call);
      return own.some(({ action }) => action === 'SESSION_ENDED') && new Set(calls).size >= callsOfEach;
    });
    return isTold ? all : undefined;
  }, within);

const post = async (user: string, path: string, body: object) =>
  fetch(`${fleet.fleet.gatewayUrl}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: await fleet.authorization('acme', { user }) },
    signal: AbortSignal.timeout(10_000),
  });

const fleetctl = (...words: string[]) => program('audit', ...words);

async function program(...words: string[]) {
  const { address, authorization } = await auditor();
  const token = authorization.replace('Bearer ', '');
  const env = {
    ...{ TOOLFLEET_TOKEN: token, TOOLFLEET_POLICY_ADDRESS: address },
    TOOLFLEET_ROUTER_ADDRESS: fleet.fleet.routerAddress,
    TOOLFLEET_KAFKA_BROKERS: fleet.fleet.brokers.join(','),
    TOOLFLEET_TOPIC_PREFIX: fleet.names.prefix,
  };
  return runFleetctl(words, { env });
}

test('whichever process dies, each proposal and each effect has its entry, each once', async () => {
  const sessions: string[] = [];
  for (const name of ['services-2', 'services-1']) {
    await fleet.fleet.untilReady({ withinMs: 30_000 });
    for (let index = 0; index < 10; index += 1) sessions.push(await fleet.start('read and write'));
    await fleet.fleet.kill(name);
  }
  await Promise.all(sessions.map((sessionId) => fleet.outcomeOf(sessionId)));
  const all = await entriesOf(sessions, 2);
  for (const sessionId of sessions) {
    const own = all.filter(({ session }) => session === sessionId);
    const of = (action: string) => own.filter((entry) => entry.action === action).map(({ call: id }) => id);
    const [read, write] = [`${sessionId}:1:0`, `${sessionId}:1:1`];
    assert.deepEqual(new Set(of('CALL_EXECUTED')), new Set([read, write]));
    const decided = own.filter(({ decision }) => decision === 'allowed').map(({ call }) => call);
    assert.deepEqual(new Set(decided), new Set([read, write]));
    const writes = own.filter(({ action, effect }) => action === 'CALL_EXECUTED' && effect === 'write');
    assert.deepEqual(
      writes.map(({ outcome }) => outcome),
      ['ok'],
    );
    assert.equal(of('SESSION_ENDED').length, 1);
  }
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  const { ok, unsignedTail } = await verifyAudit(await auditor(), 'acme', noSignal);
  assert.deepEqual([ok, unsignedTail], [true, 0]);
});

test('what is denied, fails, is unknown or does not fit says so, with its rule or reason', async () => {
  const sessionId = await fleet.start('sell and fail');
  await fleet.outcomeOf(sessionId);
  const own = (await entriesOf([sessionId])).filter(({ session }) => session === sessionId);
  const judged = own.filter(({ action }) => action === 'CALL_JUDGED');
  assert.deepEqual(
    judged.map(({ tool, decision, rule, reason }) => [tool, decision, rule, reason]),
    [
      ['sell_notes', 'refused', 'no-sales', 'FORBIDDEN'],
      ['no_such_tool', 'refused', undefined, 'UNKNOWN_TOOL'],
      ['put_note', 'refused', undefined, 'ARGUMENTS_INVALID'],
    ],
  );
  const [failed] = own.filter(({ action }) => action === 'CALL_EXECUTED');
  assert.deepEqual(
    [failed?.tool, failed?.decision, failed?.rule, failed?.outcome],
    ['failing_read', 'allowed', 'everything-else', 'unavailable'],
  );
});

test('an approval and a cancel say who, to whoever may read it, and so does the list', async () => {
  const asked = await fleet.start('wipe after approval');
  const callId = await eventually(async () => {
    const headers = { authorization: await fleet.authorization('acme') };
    const answer = await fetch(`${fleet.fleet.gatewayUrl}/v1/approvals`, { headers });
    const { approvals = [] } = (await answer.json()) as { approvals?: { callId: string; sessionId: string }[] };
    return approvals.find((one) => one.sessionId === asked)?.callId;
  }, within);
  await post('boss', `/v1/approvals/${encodeURIComponent(callId)}/decision`, { approve: true });
  const hanging = await fleet.start('hang until cancelled');
  await eventually(() => fleet.notes.hanging() > 0, within);
  await post('carol', `/v1/sessions/${hanging}/cancel`, { reason: 'enough' });
  await Promise.all([fleet.outcomeOf(asked), fleet.outcomeOf(hanging)]);
  await entriesOf([asked, hanging]);
  const listed = async (sessionId: string) => {
    const { stdout } = await fleetctl('list', '--tenant', 'acme', '--session', sessionId, '--json');
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { actor: string; entry: AuditEntryBody });
  };
  const whoDid = (rows: Awaited<ReturnType<typeof listed>>) =>
    new Set(rows.map(({ actor, entry }) => `${actor} ${entry.action}`));
  assert.ok(await eventually(async () => whoDid(await listed(asked)).has('u1 CALL_EXECUTED'), within));
  assert.deepEqual(
    whoDid(await listed(asked)),
    new Set(['u1 CALL_JUDGED', 'u1 APPROVAL_REQUESTED', 'boss CALL_APPROVED', 'u1 CALL_EXECUTED', 'u1 SESSION_ENDED']),
  );
  const stopped = whoDid(await listed(hanging));
  assert.ok(stopped.has('carol SESSION_CANCELLED') && stopped.has('u1 CALL_PRESUMED'));
});

test('an export verifies offline, goes on where it ended, and any flipped byte of it is found', async () => {
  const file = join(folder, 'acme.jsonl');
  const { stdout: publicKey } = await fleetctl('keys');
  const key = publicKey.trim();
  assert.equal((await fleetctl('export', '--tenant', 'acme', '-o', file)).code, 0);
  const before = await readFile(file);
  assert.ok(!before.includes('boss') && !before.includes('"u1"'));
  // Torn as by a full disk: the last line is cut off.
  await writeFile(file, before.subarray(0, -40));
  const sessionId = await fleet.start('sell and fail');
  await fleet.outcomeOf(sessionId);
  await entriesOf([sessionId]);
  assert.equal((await fleetctl('export', '--tenant', 'acme', '-o', file, '--resume')).code, 0);
  const verified = await fleetctl('verify', file, '--public-key', key);
  assert.match(
    verified.stdout,
    /^The log of acme is whole: \d+ entries \(1 to \d+\), \d+ checkpoints, signed up to \d+ at /,
  );
  assert.equal(verified.code, 0);
  const whole = await readFile(file);
  assert.ok(whole.byteLength > before.byteLength);
  whole[Math.floor(whole.byteLength / 2)]! ^= 1;
  await writeFile(file, whole);
  const changed = await fleetctl('verify', file, '--public-key', key);
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /NOT as it was exported/);
  const { code, stderr } = await fleetctl('verify', join(folder, 'none'), '--public-key', key);
  assert.deepEqual([code, stderr.includes('There is no file')], [2, true]);
});

test('who would notice a change is told from what was recorded, before it is made', async () => {
  const ofTool = await program('blast-radius', '--change', 'Tool/put_note', '--json');
  const radius = JSON.parse(ofTool.stdout) as BlastRadius;
  assert.deepEqual([radius.tenants, radius.agents, radius.upstreams], [['acme'], ['tester'], ['notes']]);
  assert.ok(radius.writesPerDay >= 20 && radius.writesPerDay === radius.callsPerDay);
  const rules = "[{ name: no-more-notes, effect: deny, tools: ['put_*'], reason: Full. }]";
  const policy = `apiVersion: toolfleet.dev/v1\nkind: Policy\nmetadata: { name: full }\nspec: { rules: ${rules} }\n`;
  await writeFile(join(folder, 'full.yaml'), policy);
  const ofRule = await program('blast-radius', join(folder, 'full.yaml'), '--set', 'notes');
  assert.match(ofRule.stdout, /^Touched by Policy\/full no-more-notes, from 1 recorded day:\n {2}sessions a day +\d+/);
  assert.match(ofRule.stdout, /\nput_note +notes +\d+ +\d+ +\d+\n$/);
});

test('a person is erased by a command that names who does it and why', async () => {
  const erased = await fleetctl(
    'erase',
    '--tenant',
    'acme',
    '--subject',
    'u1',
    '--actor',
    'officer',
    '--reason',
    'asked',
  );
  assert.match(erased.stdout, /^1 data keys destroyed, the history of \d+ sessions deleted\./);
  const { stdout } = await eventually(async () => {
    const listed = await fleetctl('list', '--tenant', 'acme', '--limit', '500');
    return listed.stdout.includes('SUBJECT_ERASED') ? listed : undefined;
  }, within);
  assert.ok(!stdout.includes('u1'));
  assert.match(stdout, /\(erased\) +CALL_JUDGED/);
  assert.ok((await verifyAudit(await auditor(), 'acme', noSignal)).ok);
});
