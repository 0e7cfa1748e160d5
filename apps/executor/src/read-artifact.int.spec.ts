import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthorisedCall, Observation } from '@toolfleet/kernel';
import { readArtifactToolOf, textForModel } from '@toolfleet/kernel';
import { callOf, quiet } from './executor.fixture.js';
import { read, run, says, shop } from './run-call.fixture.js';

const rows = Array.from({ length: 2_000 }, (_, index) => ({ id: index, note: `remark ${index}` }));

/** An answer that was too long for its model, and what reads from it in the same session. */
async function cutAnswer(body: unknown = rows) {
  shop.answer = (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  };
  const call = callOf(read);
  const { artifact } = await run(call);
  assert.ok(artifact !== undefined);
  return { artifact, sessionId: call.sessionId };
}

const readOf = (sessionId: string, args: object): AuthorisedCall =>
  callOf(readArtifactToolOf(read.toolClass), { sessionId, arguments: Buffer.from(JSON.stringify(args)) });
const textOf = ({ result }: Observation): string => Buffer.from(result ?? []).toString('utf8');

describe('read_artifact', () => {
  it('reads by expression, by pattern and by range what the model was not shown', async () => {
    const { artifact: handle, sessionId } = await cutAnswer();
    const part = async (query: object) => textOf(await run(readOf(sessionId, { handle, ...query })));
    assert.equal(await part({ jmespath: '[?id == `1234`].note' }), '["remark 1234"]');
    assert.match(await part({ grep: 'remark 1999' }), /^\[1 line matches\]\n1: /);
    assert.equal(await part({ range: { from: 1, length: 26 } }), '{"id":0,"note":"remark 0"}');
  });

  it('keeps nothing anew of a part that is too long itself', async () => {
    const { artifact, sessionId } = await cutAnswer();
    const observation = await run(
      readOf(sessionId, { handle: artifact, jmespath: '[].{i: id, a: note, b: note, c: note, d: note}' }),
    );
    assert.deepEqual([observation.outcome, observation.artifact], ['ok', artifact]);
    assert.match(textForModel(observation), new RegExp(`read_artifact reads the rest by the handle ${artifact}`));
  });

  it('opens no handle of another session', async () => {
    const { artifact } = await cutAnswer();
    const stranger = callOf(read).sessionId;
    assert.equal(says(await run(readOf(stranger, { handle: artifact, grep: 'a' }))), 'failed ARTIFACT_GONE');
  });

  it('ends an expression that costs too much, and then reads on', async () => {
    const { artifact: handle, sessionId } = await cutAnswer([[[1]], 'x'.repeat(70_000)]);
    const doubling = `[0]${' | [@,@]'.repeat(60)}`;
    assert.equal(says(await run(readOf(sessionId, { handle, jmespath: doubling }))), 'failed EXPRESSION_TOO_COSTLY');
    assert.equal(textOf(await run(readOf(sessionId, { handle, jmespath: '[0]' }))), '[[1]]');
    assert.equal(says(await run(readOf(sessionId, { handle, jmespath: '[0' }))), 'failed EXPRESSION_INVALID');
  });

  it('is cut short with its call', async () => {
    const { artifact: handle, sessionId } = await cutAnswer();
    const cancelled = AbortSignal.abort();
    const observation = await run(readOf(sessionId, { handle, grep: 'a' }), quiet, cancelled);
    assert.equal(observation.outcome, 'cancelled');
  });
});
