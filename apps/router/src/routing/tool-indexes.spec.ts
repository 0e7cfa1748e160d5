import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentSpec, ToolSpec } from '@toolfleet/kernel';
import { Catalogue } from '@toolfleet/kernel';
import { ToolIndexes } from './tool-indexes.js';

const agentOf = (...tools: string[]): AgentSpec => ({
  ...{ name: 'shop', instructions: '', model: 'main', tools, toolsOfferedMax: 2, onLimit: 'giveUp' },
  limits: { stepsMax: 1, wallTimeMs: 1, tokensMax: 1 },
});
const put = (catalogue: Catalogue, name: string, over: Partial<ToolSpec> = {}): void =>
  catalogue.put({
    kind: 'Tool',
    spec: {
      ...{ name, version: '1', owner: '', description: `Does ${name}.`, parameters: {}, toolClass: 'read' },
      ...{ effect: 'read', riskTier: 'low', idempotent: true, observation: { bytesMax: 1 }, driver: 'builtin' },
      ...over,
    },
  });
const names = (tools: readonly { name: string }[]): string[] => tools.map(({ name }) => name);
const all = agentOf('*');

describe('the indexes of the live catalogue', () => {
  it('never offer a hidden or archived tool, at the start or to a search', () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    put(catalogue, 'old_order', { visibility: 'archived' });
    put(catalogue, 'test_order', { visibility: 'hidden' });
    const indexes = new ToolIndexes(catalogue);
    assert.deepEqual(names(indexes.select(all, 'order', 9)), ['get_order']);
    assert.deepEqual(names(indexes.find(all, 'old test order', 9)), ['get_order']);
  });

  it('give the successor in place of a deprecated tool from its date on, and keep a search from it', () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order', { deprecatedAtMs: 100, sunsetAtMs: 200, successor: 'read_order' });
    put(catalogue, 'read_order');
    let dateMs = 99;
    const indexes = new ToolIndexes(catalogue, undefined, undefined, undefined, () => dateMs);
    const [wide, narrow] = [all, agentOf('get_*')];
    const offered = () => [wide, narrow].map((agent) => names(indexes.select(agent, 'order', 9)));
    const found = () => [wide, narrow].map((agent) => names(indexes.find(agent, 'order', 9)));
    assert.deepEqual(offered(), [['get_order', 'read_order'], ['get_order']]);
    assert.deepEqual(found(), [['get_order', 'read_order'], ['get_order']]);
    dateMs = 100;
    assert.deepEqual(offered(), [['read_order'], ['get_order']]);
    assert.deepEqual(found(), [['read_order'], []]);
    dateMs = 200;
    assert.deepEqual(offered(), [['read_order'], []]);
  });

  it('search among all that the agent may see, without what its session has', () => {
    const catalogue = new Catalogue();
    for (const name of ['get_order', 'cancel_order', 'list_order', 'pay_order']) put(catalogue, name);
    const indexes = new ToolIndexes(catalogue);
    const agent = agentOf('get_*', 'cancel_*', 'list_*');
    const first = names(indexes.select(agent, 'order', 2));
    assert.deepEqual(first, ['cancel_order', 'get_order']);
    assert.deepEqual(names(indexes.find(agent, 'order', 9, { without: new Set(first) })), ['list_order']);
  });

  it('follow the catalogue in half a second at the latest, and drop what has left it at once', () => {
    const catalogue = new Catalogue();
    put(catalogue, 'get_order');
    put(catalogue, 'cancel_order');
    let clockMs = 0;
    const indexes = new ToolIndexes(catalogue, undefined, () => (clockMs += 30));
    assert.deepEqual(names(indexes.find(all, 'order', 9)), ['cancel_order', 'get_order']);
    put(catalogue, 'pay_order');
    catalogue.remove('Tool', 'cancel_order');
    put(catalogue, 'get_order', { visibility: 'hidden' });
    assert.deepEqual(names(indexes.find(all, 'order', 9)), []);
    clockMs += 500;
    assert.deepEqual(names(indexes.find(all, 'order', 9)), ['pay_order']);
  });

  it('obey an agent whose list of tools has changed at once', () => {
    const catalogue = new Catalogue();
    for (const name of ['get_order', 'cancel_order']) put(catalogue, name);
    const indexes = new ToolIndexes(catalogue, undefined, () => 0);
    assert.deepEqual(names(indexes.select(all, 'order', 9)), ['cancel_order', 'get_order']);
    assert.deepEqual(names(indexes.select(agentOf('get_*'), 'order', 9)), ['get_order']);
  });
});
