import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ToolSpec } from '@toolfleet/kernel';
import { Catalogue, unreachable } from '@toolfleet/kernel';
import { eventually } from '@toolfleet/testkit';
import { createLogger } from '@toolfleet/platform/telemetry';
import { ToolEmbeddings, type ToolEmbeddingsOptions } from './tool-embeddings.js';

const put = (catalogue: Catalogue, name: string, over: Partial<ToolSpec> = {}): void =>
  catalogue.put({
    kind: 'Tool',
    spec: {
      ...{ name, version: '1', owner: '', description: `Does ${name}.`, parameters: {}, toolClass: 'read' },
      ...{ effect: 'read', riskTier: 'low', idempotent: true, observation: { bytesMax: 1 }, driver: 'builtin' },
      ...over,
    },
  });

/** Texts about orders lie on one axis, all others on the other. */
const vectorOf = (text: string) => Float32Array.from(text.includes('order') ? [1, 0] : [0, 1]);

function embeddings(catalogue: Catalogue, over: Partial<ToolEmbeddingsOptions> = {}) {
  const asked: (readonly string[])[] = [];
  const results: string[] = [];
  const subject = new ToolEmbeddings({
    ...{
      catalogue,
      questionTimeoutMs: 1_000,
      questionsMax: 2,
      log: createLogger({ level: 'silent', roles: 'spec', instance: 'spec' }),
    },
    embed: async (texts) => {
      asked.push(texts);
      return texts.map(vectorOf);
    },
    onQuestion: (result) => results.push(result),
    ...over,
  });
  return { subject, asked, results };
}

async function whenEncoded(subject: ToolEmbeddings, ...tools: string[]): Promise<void> {
  const isKnown = async () => {
    const nearness = await subject.nearnessTo('an order');
    return tools.every((name) => nearness?.(name) !== undefined);
  };
  await eventually(isKnown, { withinMs: 5_000 });
}

describe('the embeddings of tools and questions', () => {
  it('tell how near a question is to a tool', async () => {
    const catalogue = new Catalogue();
    for (const name of ['get_order', 'find_user']) put(catalogue, name);
    const { subject } = embeddings(catalogue);
    subject.start();
    await whenEncoded(subject, 'get_order', 'find_user');
    const nearness = await subject.nearnessTo('where is my order');
    assert.deepEqual([nearness?.('get_order'), nearness?.('find_user'), nearness?.('gone')], [1, 0, undefined]);
    await subject.stop();
  });

  it('are made again only for a tool whose text has changed, and never for a hidden one', async () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    put(catalogue, 'find_user');
    put(catalogue, 'old_order', { visibility: 'hidden' });
    const { subject, asked } = embeddings(catalogue, { questionsMax: 100 });
    subject.start();
    await whenEncoded(subject, 'get_order', 'find_user');
    put(catalogue, 'get_order', { timeoutMs: 5 });
    put(catalogue, 'find_user', { description: 'Looks up a user.' });
    put(catalogue, 'new_tool');
    subject.changed();
    await whenEncoded(subject, 'new_tool');
    const ofTools = asked.filter((texts) => texts[0]?.includes(': '));
    assert.deepEqual(ofTools, [
      ['get_order: Does get_order.', 'find_user: Does find_user.'],
      ['find_user: Looks up a user.', 'new_tool: Does new_tool.'],
    ]);
    await subject.stop();
  });

  it('of the last questions are remembered, also while they are still asked for', async () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    const { subject, asked, results } = embeddings(catalogue);
    subject.start();
    await whenEncoded(subject, 'get_order');
    asked.length = results.length = 0;
    await Promise.all([subject.nearnessTo('one'), subject.nearnessTo('one'), subject.nearnessTo('two')]);
    await subject.nearnessTo('three');
    await subject.nearnessTo('one');
    assert.deepEqual(asked, [['one'], ['two'], ['three'], ['one']]);
    assert.deepEqual(results.filter((result) => result === 'remembered').length, 1);
    await subject.stop();
  });

  it('are done without while there are none, and when the server fails or is late', async () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    let isUp = true;
    const { subject, results } = embeddings(catalogue, {
      embed: async (texts) => {
        if (!isUp) throw unreachable('MODEL_FAILED', 'Down.');
        return texts.map(vectorOf);
      },
    });
    assert.equal(await subject.nearnessTo('an order'), undefined);
    subject.start();
    await whenEncoded(subject, 'get_order');
    isUp = false;
    assert.equal(await subject.nearnessTo('another order'), undefined);
    isUp = true;
    assert.equal((await subject.nearnessTo('another order'))?.('get_order'), 1);
    assert.ok(results.includes('failed'));
    await subject.stop();
  });

  it('are asked for again after a failure, without anybody waiting', async () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    let failures = 1;
    const { subject } = embeddings(catalogue, {
      embed: async (texts) => {
        if (failures-- > 0) throw unreachable('MODEL_FAILED', 'Down.');
        return texts.map(vectorOf);
      },
    });
    subject.start();
    assert.equal(await subject.nearnessTo('an order'), undefined);
    await whenEncoded(subject, 'get_order');
    await subject.stop();
  });
});
