/** Rules of a running fleet: changed while sessions run, explained and judged again by `fleetctl policy`. */
import assert from 'node:assert/strict';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runFleetctl } from '@toolfleet/fleetctl/testing';
import type { Redecision, SessionEvent } from '@toolfleet/kernel';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { FleetUnderTest, sharedCatalogDirectory } from '../fleet-under-test.js';

/** What a turn takes; so much later than the rule a decision may come that is the first to be asked for. */
const turnMs = 250;
const put = (id: string, text: string) => ({ name: 'put_note', arguments: { id, text } });
const conversations = {
  'writes for a while': Array.from({ length: 10 }, (_, at) => ({
    ...{ delayMs: turnMs, toolCalls: [put('live', String(at))] },
  })),
  'writes twice': [{ toolCalls: [put('a', 'one'), put('b', 'two')] }, { text: 'done' }],
};

let fleet: FleetUnderTest;
let folder: string;

before(async () => {
  folder = await testDirectory('policy-live-');
  await cp(sharedCatalogDirectory, join(folder, 'catalog'), { recursive: true });
  fleet = await FleetUnderTest.start({ conversations, catalogDirectory: join(folder, 'catalog') });
});

after(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

const rulesPath = () => join(folder, 'catalog', 'frozen.yaml');
const rule = (name: string, when: string) => `apiVersion: toolfleet.dev/v1
kind: Policy
metadata: { name: ${name} }
spec: { rules: [{ name: ${name}, effect: deny, tools: [put_note], when: '${when}' }] }
`;

const once = `${rule('once', 'session.count("put_note") >= 1')}---
apiVersion: toolfleet.dev/v1
kind: Policy
metadata: { name: others }
spec: { rules: [{ name: others, effect: allow, tools: ['*'] }] }
`;

type Answer = Extract<SessionEvent, { type: 'modelAnswered' }>;
const answersOf = (sessionId: string): Answer[] =>
  (fleet.events.get(sessionId) ?? []).filter((event) => event.type === 'modelAnswered');
const isFrozen = ({ calls }: Answer) => calls.some((call) => call.refusal?.details['rule'] === 'frozen');

/** How long after the file was written the first call was judged by it. */
async function freezeMs(): Promise<number> {
  const sessionId = await fleet.start('writes for a while');
  await eventually(() => answersOf(sessionId).length >= 1, { withinMs: 20_000 });
  const changedAtMs = Date.now();
  await writeFile(rulesPath(), rule('frozen', 'true'));
  const first = await eventually(() => answersOf(sessionId).find(isFrozen), { withinMs: 20_000 });
  assert.ok(answersOf(sessionId)[0]!.calls.every((call) => call.disposition === 'dispatch'));
  await rm(rulesPath());
  await fleet.outcomeOf(sessionId);
  return first.atMs - changedAtMs;
}

test('a rule that is changed decides the next call of a running session within a second', async () => {
  const took: number[] = [];
  // A machine that others keep busy may be late once; a way that takes longer than a second always is.
  while (took.length < 3 && !took.some((ms) => ms <= 1_000 + turnMs)) {
    // oxlint-disable-next-line no-await-in-loop -- one change after the other
    took.push(await freezeMs());
    // oxlint-disable-next-line no-await-in-loop -- the rule must be gone before it can come again
    await eventually(async () => (await fleet.run('writes twice')).calls.every(({ outcome }) => outcome === 'ok'), {
      withinMs: 20_000,
    });
  }
  assert.ok(Math.min(...took) <= 1_000 + turnMs, `${took.join(', ')} ms`);
});

const fleetctl = async (...words: string[]) => {
  const token = await fleet.fleet.issuer.token({
    tenant: 'acme',
    user: 'ann',
    scopes: ['catalog:read', 'sessions:read'],
  });
  const env = { TOOLFLEET_URL: fleet.fleet.gatewayUrl, TOOLFLEET_TENANT: 'acme', TOOLFLEET_TOKEN: token };
  return runFleetctl(words, { env });
};

test('a call is explained by its session, or as one that nobody made', async () => {
  const { sessionId } = await fleet.run('writes twice');
  const recorded = await fleetctl('policy', 'explain', sessionId, `${sessionId}:1:1`);
  assert.equal(recorded.code, 0, recorded.stderr);
  assert.match(recorded.stdout, /^put_note \{"id":"b","text":"two"\}\nallow by /);
  assert.match(recorded.stdout, /\nrecorded: allow by /);
  const thought = await fleetctl('policy', 'explain', '--tool', 'sell_notes', '--json');
  const answer = JSON.parse(thought.stdout) as { effect: string; refusal: { reason: string } };
  assert.deepEqual([answer.effect, answer.refusal.reason], ['RULE_EFFECT_DENY', 'FORBIDDEN']);
  const unknown = await fleetctl('policy', 'explain', sessionId, `${sessionId}:9:0`);
  assert.deepEqual([unknown.code, /CALL_UNKNOWN/.test(unknown.stderr)], [4, true]);
  assert.equal((await fleetctl('policy', 'explain')).code, 2);
});

test('recorded sessions are judged again under other rules, from the fleet and from a file, and nothing is run', async () => {
  const { sessionId } = await fleet.run('writes twice');
  const runBefore = fleet.notes.executions.size;
  await writeFile(join(folder, 'once.yaml'), once);
  const change = ['--policy', join(folder, 'once.yaml'), '--catalog', join(folder, 'catalog')];
  const replay = await fleetctl('policy', 'replay', ...change, '--session', sessionId, '--json', '--fail-on-change');
  assert.equal(replay.code, 1, replay.stderr);
  const [decided, last] = replay.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Redecision);
  assert.deepEqual(
    [decided?.callId, decided?.before.decision, decided?.after],
    [`${sessionId}:1:1`, 'allow', { decision: 'refuse', rule: 'once', reason: 'FORBIDDEN' }],
  );
  assert.deepEqual(last, { totals: { sessions: 1, calls: 2, changed: 1, byChange: { 'allow → refuse': 1 } } });

  const { stdout: lines } = await fleetctl('session', 'watch', sessionId, '--json');
  await writeFile(join(folder, 'recorded.jsonl'), lines);
  const ofFile = await fleetctl('policy', 'replay', ...change, '--events', join(folder, 'recorded.jsonl'));
  assert.deepEqual([ofFile.code, ofFile.stderr], [0, '']);
  assert.match(ofFile.stdout, /2 calls of 1 sessions judged again, 1 decided otherwise: 1 allow → refuse\.\n$/);
  const same = await fleetctl(
    'policy',
    'replay',
    '--catalog',
    join(folder, 'catalog'),
    '--since',
    '1h',
    '--fail-on-change',
  );
  assert.match(same.stdout, /judged again, \d+ decided otherwise/);
  assert.equal(fleet.notes.executions.size, runBefore);
});
