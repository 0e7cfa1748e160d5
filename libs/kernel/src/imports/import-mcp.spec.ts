import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import { importMcp } from './import-mcp.js';

const inputSchema = { type: 'object', properties: { a: { type: 'string' } } };
const imported = (...tools: readonly object[]) => importMcp({ serverInfo: { name: 'My Server' }, tools });
const only = (tool: object) => imported({ name: 'act', inputSchema, ...tool }).tools[0]!;
const reasonOf = (tool: object) => imported({ name: 'act', inputSchema, ...tool }).reported[0]?.reason;

describe(importMcp.name, () => {
  it('guesses from the annotations, and calls without them writes of medium risk', () => {
    const guess = (annotations?: object) => {
      const { effect, toolClass, riskTier, idempotent, guessedFrom } = only({ annotations });
      return [effect, toolClass, riskTier, idempotent, guessedFrom];
    };
    assert.deepEqual(guess(), ['write', 'write', 'medium', undefined, 'no annotation']);
    assert.deepEqual(guess({ readOnlyHint: true }), ['read', 'read', 'low', undefined, 'readOnlyHint true']);
    assert.deepEqual(guess({ destructiveHint: true }), ['write', 'write', 'high', undefined, 'destructiveHint true']);
    assert.deepEqual(guess({ idempotentHint: true }), ['write', 'write', 'medium', true, 'idempotentHint true']);
  });

  it('makes names valid and unique, and keeps what the server calls the tool', () => {
    const { server, tools } = imported(...['get.it', 'get it', 'find_tools'].map((name) => ({ name, inputSchema })));
    assert.equal(server, 'my-server');
    assert.equal(new Set(tools.map(({ name }) => name)).size, 3);
    for (const { name } of tools) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.deepEqual(
      tools.map(({ mcp }) => mcp?.tool),
      ['get.it', 'get it', 'find_tools'],
    );
    assert.deepEqual(imported({ name: 'get', inputSchema }).tools[0]!.mcp, { server: 'my-server' });
  });

  it('keeps the draft of the schema where it is not the default one, and no title', () => {
    const draft7 = 'http://json-schema.org/draft-07/schema#';
    const current = 'https://json-schema.org/draft/2020-12/schema';
    assert.deepEqual(only({ inputSchema: { $schema: draft7, ...inputSchema } }).parameters['$schema'], draft7);
    assert.deepEqual(only({ inputSchema: { $schema: current, title: 'T', ...inputSchema } }).parameters, inputSchema);
    assert.deepEqual(only({ inputSchema: undefined }).parameters, { type: 'object', properties: {} });
  });

  it('reports every entry that is no tool, with the reason', () => {
    assert.equal(reasonOf({ name: '' }), 'it has no name');
    assert.equal(reasonOf({ inputSchema: 7 }), 'its inputSchema is no object');
    assert.equal(reasonOf({ inputSchema: { type: 'string' } }), 'its arguments are no object');
    assert.equal(reasonOf({ execution: { taskSupport: 'required' } }), 'the server runs it only as a task');
    assert.match(reasonOf({ inputSchema: { type: 'object', properties: { a: { pattern: '(?=a)' } } } })!, /parameters/);
    assert.equal(imported({ name: 'a', inputSchema }, { name: 'a', inputSchema }).reported.length, 1);
    assert.deepEqual(importMcp({ tools: [7] }).reported, [{ operation: '#1', reason: 'it is no object' }]);
  });

  it('refuses what is no list of tools', () => {
    for (const listing of [undefined, [], {}, { tools: {} }]) {
      assert.throws(
        () => importMcp(listing),
        (error) => isFault(error) && error.reason === 'MCP_LIST_UNKNOWN',
      );
    }
  });
});
