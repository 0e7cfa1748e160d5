import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadCatalogue } from '@toolfleet/platform/catalog';
import type { ManifestDocument, PlannedCall, PlannedTool, SessionPlan } from './plan.js';

import { manifestsOf, NameBook, stagePlan } from './staging.js';

const tool = (key: string, more: Partial<PlannedTool> = {}): PlannedTool => ({
  ...{ key, name: key, description: '', parameters: { type: 'object' }, effect: 'read', ...more },
});
const call = (name: string): PlannedCall => ({ tool: name, arguments: {}, end: { type: 'answered', text: '' } });
const planOf = (tools: readonly PlannedTool[], sets: readonly (readonly string[])[]): SessionPlan => ({
  tools,
  sessions: sets.map((names, index) => ({
    id: String(index),
    tools: names,
    runs: [{ input: 'Hello.', answers: [names.map(call)], say: 'Bye.' }],
  })),
  notes: [],
  score: () => ({}),
});

const yamlOf = ({ kind, name, spec }: ManifestDocument): string =>
  `---\n${JSON.stringify({ apiVersion: 'toolfleet.dev/v1', kind, metadata: { name, owner: 'eval' }, spec })}\n`;

describe('names in the catalogue', () => {
  it('hold what providers allow, are never given twice and never those of the fleet', () => {
    const names = new NameBook();
    const long = 'x'.repeat(80);
    assert.deepEqual(
      ['a.b c', 'a_b_c', 'find_tools', long, long].map((name) => names.take(name)),
      ['a_b_c', 'a_b_c_2', 'find_tools_2', 'x'.repeat(64), `${'x'.repeat(62)}_2`],
    );
  });
});

describe('a staged plan', () => {
  it('has an agent for each set of tools and a tenant for each thousand agents', () => {
    const tools = Array.from({ length: 1_001 }, (_, index) => tool(`t${index}`));
    const staged = stagePlan(
      planOf(tools, [...tools.map(({ key }) => [key]), ['t1', 't0'], ['t0', 't1']]),
      0,
      'run',
      new NameBook(),
    );
    assert.deepEqual([staged.agents.length, staged.tenants.map(({ agents }) => agents.length)], [1_002, [1_000, 2]]);
    assert.equal(staged.sessions.at(-1)?.agent, staged.sessions.at(-2)?.agent);
    assert.equal(new Set(staged.sessions.map(({ inputs }) => inputs[0])).size, 1_003);
  });

  it('leaves out a tool that the catalogue would refuse, and says why', () => {
    const odd = tool('odd', { parameters: { type: 'object', properties: { a: { pattern: '(?=x)' } } } });
    const staged = stagePlan(planOf([odd, tool('even')], [['odd', 'even']]), 0, 'run', new NameBook());
    assert.deepEqual(
      staged.unusable.map(({ name }) => name),
      ['odd'],
    );
    assert.deepEqual(staged.agents[0]?.tools, ['even']);
  });

  it('is a catalogue that the fleet takes', () => {
    const plan = planOf(
      [tool('a.b', { description: 'x'.repeat(9_000), effect: 'write' }), tool('c')],
      [['a.b', 'c'], []],
    );
    const documents = manifestsOf([stagePlan(plan, 0, 'run', new NameBook())]);
    const loaded = loadCatalogue([{ path: 'all.yaml', text: documents.map(yamlOf).join('') }], {
      toolClasses: ['read', 'write'],
      ofOperators: () => false,
      variable: () => 'http://127.0.0.1:1',
      variablesAllowed: [],
    });
    assert.deepEqual(loaded.ok ? [] : loaded.problems, []);
  });
});
