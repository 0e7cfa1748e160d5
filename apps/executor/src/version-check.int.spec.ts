/** Writes that say which version they expect: a newer one is a conflict that names it, and nothing has changed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Observation, ToolSpec, VersionCheckSpec } from '@toolfleet/kernel';
import { textForModel } from '@toolfleet/kernel';
import { callOf, toolOf } from './executor.fixture.js';
import { catalogue, held, run, says, shop } from './run-call.fixture.js';

const find = toolOf({ name: 'get_order', http: { ...toolOf().http!, path: '/order' } });
const change = (versionCheck: Partial<VersionCheckSpec> = {}, tool: Partial<ToolSpec> = {}) =>
  toolOf({
    effect: 'write',
    name: 'change_order',
    http: { ...toolOf().http!, headers: ['expected'], names: { expected: 'If-Match' } },
    versionCheck: { argument: 'expected', ...versionCheck },
    ...tool,
  });

async function changed(tool: ToolSpec, args: object = { a: 1, expected: '"v1"' }): Promise<Observation> {
  for (const spec of [find, tool]) catalogue.put({ kind: 'Tool', spec });
  const call = callOf(tool, { arguments: Buffer.from(JSON.stringify(args)) });
  const observation = await run(call);
  assert.equal(await held(call), observation.outcome === 'ok' ? 'done' : 'failed');
  return observation;
}
const detailsOf = ({ refusal }: Observation) => ({ ...refusal!.details });

describe('a write that says which version it expects', () => {
  it('travels with it, and is done where it is the current one', async () => {
    let expected: unknown;
    shop.answer = (request, response) => {
      expected = request.headers['if-match'];
      response.end('{}');
    };
    assert.deepEqual([says(await changed(change())), expected], ['ok', '"v1"']);
  });

  it('is a conflict with the entity tag of now when the tool says 412', async () => {
    shop.answer = (_request, response) => response.writeHead(412, { etag: '"v2"' }).end('{"error":"changed"}');
    const observation = await changed(change());
    const { kind, retryable, hint } = observation.refusal!;
    assert.deepEqual([says(observation), kind, retryable], ['failed VERSION_CONFLICT', 'conflict', true]);
    assert.deepEqual(detailsOf(observation), { expectedVersion: '"v1"', currentVersion: '"v2"' });
    assert.match(hint!, /Read it again .* with the expected that you read/);
    const told = JSON.parse(textForModel(observation)) as { details: object; result: string };
    assert.deepEqual([told.details, told.result], [detailsOf(observation), '{"error":"changed"}']);
  });

  it('is one with the version that the refusal names when the tool says 409', async () => {
    shop.answer = (_request, response) => response.writeHead(409).end('{"current":{"version":7}}');
    assert.equal(detailsOf(await changed(change({ current: 'current.version' })))['currentVersion'], '7');
  });

  it('is one with the version that the declared read finds, where the refusal names none', async () => {
    shop.answer = (request, response) =>
      request.url === '/order' ? response.end('{"etag":"v9"}') : response.writeHead(412).end('no');
    const read = { tool: 'get_order', arguments: { id: '{a}' } };
    assert.equal(detailsOf(await changed(change({ read, current: 'etag' })))['currentVersion'], 'v9');
    const failing = { tool: 'gone', arguments: {} };
    assert.deepEqual(detailsOf(await changed(change({ read: failing, current: 'etag' }))), { expectedVersion: '"v1"' });
  });

  it('is one when the words of the tool say so in their own way, and no other refusal is', async () => {
    const check = { when: "code == 'STALE'", current: 'now' };
    shop.answer = (_request, response) => response.writeHead(422).end('{"code":"STALE","now":"v3"}');
    assert.equal(detailsOf(await changed(change(check)))['currentVersion'], 'v3');
    shop.answer = (_request, response) => response.writeHead(422).end('{"code":"CLOSED"}');
    assert.equal(says(await changed(change(check))), 'failed TOOL_REFUSED');
  });

  it('keeps the plain refusal where the tool declares no version', async () => {
    shop.answer = (_request, response) => response.writeHead(409).end('{}');
    assert.equal(says(await changed(toolOf({ effect: 'write', name: 'plain' }))), 'failed TOOL_REFUSED');
  });
});
