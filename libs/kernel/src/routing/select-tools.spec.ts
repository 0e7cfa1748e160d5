import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { AgentSpec, ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import { ToolIndex, visibleTools } from './select-tools.js';

const tool = (name: string, description: string, properties: Record<string, unknown> = {}): ToolSpec => ({
  name,
  version: '1',
  owner: 'shop',
  description,
  parameters: { type: 'object', properties },
  toolClass: 'read',
  effect: 'read',
  riskTier: 'low',
  idempotent: true,
  observation: { bytesMax: 1 },
  driver: 'builtin',
});

const tools = [
  tool('getOrderDetails', 'Shows what was bought and when.'),
  tool('cancel_order', 'Stops an order before it is sent.'),
  tool('find_user', 'Finds a customer.', { zip: { description: 'postal code of the home' } }),
  tool('calculate', 'Adds numbers.'),
];
const index = new ToolIndex(tools);
const names = (found: readonly { name: string }[]): string[] => found.map(({ name }) => name);

describe('the choice of tools', () => {
  it('keeps all tools in catalogue order while they fit', () => {
    assert.deepEqual(names(index.select('anything', 4)), names(tools));
  });

  it('puts the best match first and fills up with the rest', () => {
    assert.deepEqual(names(index.select('please cancel my order', 2)), ['cancel_order', 'getOrderDetails']);
    assert.equal(index.select('order', 1).length, 1);
    assert.equal(index.select('zzz', 3).length, 3);
  });

  it('looks into names in any spelling, descriptions and parameters', () => {
    assert.equal(index.find('order details', 1)[0]?.name, 'getOrderDetails');
    assert.equal(index.find('postal code', 1)[0]?.name, 'find_user');
    assert.equal(index.find('numbers', 1)[0]?.name, 'calculate');
  });

  it('finds only what matches and leaves out what is known already', () => {
    assert.deepEqual(index.find('zzz', 5), []);
    assert.ok(!names(index.find('order', 5, { without: new Set(['cancel_order']) })).includes('cancel_order'));
    assert.ok(!names(index.select('order', 2, { without: new Set(['cancel_order']) })).includes('cancel_order'));
  });

  it('is the same every time, and fast for a question of any length', () => {
    const question = 'order '.repeat(100_000);
    const startedMs = performance.now();
    assert.deepEqual(index.select(question, 2), index.select(question, 2));
    assert.ok(performance.now() - startedMs < 1_000);
  });

  it('answers a template alike whatever its ids are, as one that has never been asked before does', () => {
    const spoken = fc.array(fc.constantFrom('cancel', 'order', 'customer', 'numbers', 'home', 'please', 'o17'));
    fc.assert(
      fc.property(
        spoken,
        fc.array(fc.nat(99), { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (said, ids, count) => {
          const question = [...said, ...ids.map((id) => `x${id}`)].join(' ');
          const fresh = new ToolIndex(tools);
          assert.deepEqual(index.find(question, count), fresh.find(question, count));
          assert.deepEqual(index.select(question, count), fresh.select(question, count));
        },
      ),
    );
    index.find('order 1', 2).length = 0;
    assert.equal(index.find('order 2', 2).length, 2);
  });

  it('goes by the rarest words of the question where most tools share the others', () => {
    const many = Array.from({ length: 1_500 }, (_, count) => tool(`export_${count}`, 'Looks at the records.'));
    const wide = new ToolIndex([...many, ...tools]);
    assert.deepEqual(names(wide.find('look at the records and my order', 2)).toSorted(), [
      'cancel_order',
      'getOrderDetails',
    ]);
    assert.equal(wide.find('records', 50).length, 50);
    assert.equal(names(wide.select('records of my order', 5)).length, 5);
  });

  it('leaves out the commonest words of a long question when tools are many', () => {
    const common = Array.from({ length: 60 }, (_, count) => `common${count}`);
    const many = Array.from({ length: 2_000 }, (_, count) => tool(`export_${count}`, common.join(' ')));
    const others = Array.from({ length: 2_000 }, (_, count) => tool(`import_${count}`, 'something else'));
    const wide = new ToolIndex([...many, ...others, ...tools]);
    const scoresOf = (words: readonly string[]) =>
      wide.find(`${words.join(' ')} order`, 4_000).map(({ name, score }) => [name, score]);
    assert.deepEqual(scoresOf(common), scoresOf(common.slice(0, 50)));
    assert.notDeepEqual(scoresOf(common), scoresOf(common.slice(0, 49)));
  });

  it('asks nothing of a word that most tools share, unless there is no other', () => {
    const alike = ['invoice', 'parcel', 'ticket'].map((name) => tool(`list_${name}`, `Lists each ${name} of acme.`));
    const index = new ToolIndex(alike);
    assert.deepEqual(names(index.find('the parcel of acme', 3)), ['list_parcel']);
    assert.equal(index.find('acme', 3).length, 3);
  });

  it('reads words in any form: endings, accents, letter case and the words of other scripts', () => {
    const mixed = new ToolIndex([
      tool('convertCurrencies', 'Rates.'),
      tool('HTTPProxy', 'Passes requests on.'),
      tool('menu', 'Dishes of a café.'),
      tool('bing_search', '使用必应搜索指定的关键词'),
      tool('pogoda', 'Показывает погоду в городе'),
    ]);
    assert.deepEqual(names(mixed.find('converting one currency', 5)), ['convertCurrencies']);
    assert.deepEqual(names(mixed.find('a PROXY for http', 5)), ['HTTPProxy']);
    assert.deepEqual(names(mixed.find('cafe', 5)), ['menu']);
    assert.deepEqual(names(mixed.find('搜索', 5)), ['bing_search']);
    assert.deepEqual(names(mixed.find('Погоду!', 5)), ['pogoda']);
  });

  it('gives nothing for words that every question has', () => {
    assert.deepEqual(index.find('could you please do this for me', 5), []);
  });

  it('weighs a description more than a parameter', () => {
    const three = new ToolIndex([
      tool('one', 'Of something.', { x: { description: 'refund' } }),
      tool('two', 'Of something refund.', { x: { description: 'amount' } }),
    ]);
    assert.deepEqual(names(three.find('refund', 3)), ['two', 'one']);
  });

  it('knows a tool by the name of its upstream', () => {
    const http = { upstream: 'weather-office', method: 'GET', path: '/', query: [], body: 'none' } as const;
    const two = new ToolIndex([tool('get', 'Gets it.'), { ...tool('fetch', 'Gets it.'), http }]);
    assert.deepEqual(names(two.find('weather', 2)), ['fetch']);
  });

  it('takes a nearness of any scale into account, if it knows every candidate', () => {
    const three = new ToolIndex(['a', 'b', 'c'].map((name) => tool(`print_${name}`, 'Prints a label.')));
    const last = (name: string): number | undefined => (name === 'print_c' ? 0.9 : 0.7);
    assert.equal(three.find('label', 1, { nearness: last })[0]?.name, 'print_c');
    assert.equal(three.find('label', 1, { nearness: (name) => 100 * last(name)! - 500 })[0]?.name, 'print_c');
    const unsure = (name: string): number | undefined => (name === 'print_b' ? undefined : last(name));
    assert.equal(three.find('label', 1, { nearness: unsure })[0]?.name, 'print_a');
  });

  it('keeps equal tools in catalogue order', () => {
    const equal = new ToolIndex(['c', 'a', 'b'].map((name) => tool(`${name}1`, 'Prints a label.')));
    assert.deepEqual(names(equal.find('label', 2)), ['c1', 'a1']);
  });

  it('is made among the tools that the agent may ever see', () => {
    const catalogue = new Catalogue();
    for (const spec of tools) catalogue.put({ kind: 'Tool', spec });
    const agent = { tools: ['*_order', 'calculate'] } as unknown as AgentSpec;
    assert.deepEqual(names(visibleTools(catalogue, agent, 0)), ['cancel_order', 'calculate']);
  });
});
