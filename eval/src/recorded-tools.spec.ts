import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PlannedCall } from './plan.js';
import { RecordedTools } from './recorded-tools.js';
import { NameBook, stagePlan, type StagedSession } from './staging.js';

const tools = new RecordedTools();
let url = '';
before(async () => {
  url = await tools.listen();
});
after(() => tools.close());

const planned = (args: PlannedCall['arguments'], type: 'answered' | 'refused', text: string): PlannedCall => ({
  tool: 'look',
  arguments: args,
  end: { type, text },
});

function staged(calls: readonly PlannedCall[]): StagedSession {
  const tool = {
    key: 'look',
    name: 'look',
    description: 'Looks.',
    parameters: { type: 'object' },
    effect: 'read' as const,
  };
  const runs = [{ input: 'Go.', answers: [calls], say: 'Gone.' }];
  const plan = { tools: [tool], sessions: [{ id: 's', tools: ['look'], runs }], notes: [], score: () => ({}) };
  const [session] = stagePlan(plan, 0, `r${Math.random()}`, new NameBook()).sessions;
  assert.ok(session);
  tools.expect(session);
  return session;
}

async function ask({ sessionId }: StagedSession, args: unknown, tool = 'look'): Promise<[number, string]> {
  const headers = { 'x-eval-session': sessionId };
  const response = await fetch(`${url}/${tool}`, { method: 'POST', headers, body: JSON.stringify(args) });
  return [response.status, Buffer.from(await response.arrayBuffer()).toString('utf8')];
}

test('equal calls are answered one recorded answer after another, in whatever order arguments stand', async () => {
  const session = staged([
    planned({ a: 1, b: [2] }, 'answered', 'first \u0000 é'),
    planned('{"b":[2],"a":1}', 'refused', 'second'),
  ]);
  assert.deepEqual(await ask(session, { b: [2], a: 1 }), [200, 'first \u0000 é']);
  assert.deepEqual(await ask(session, { a: 1, b: [2] }), [422, 'second']);
  assert.deepEqual(
    session.answers.flat().map((call) => tools.executionsOf(session, call)),
    [1, 1],
  );
});

test('a call that ran already counts as a repetition, one that nobody planned as a stray', async () => {
  const session = staged([planned({ a: 1 }, 'answered', 'once')]);
  await ask(session, { a: 1 });
  assert.deepEqual(await ask(session, { a: 1 }), [200, 'once']);
  assert.equal((await ask(session, { a: 2 }))[0], 404);
  assert.equal((await ask(session, { a: 1 }, 'leap'))[0], 404);
  assert.equal(tools.executionsOf(session, session.answers[0]![0]!), 2);
  assert.equal(tools.straysOf(session), 2);
});
