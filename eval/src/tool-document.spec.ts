import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArgumentValidators } from '@toolfleet/kernel';
import { parametersOf, sampleOf, schemaOf } from './tool-document.js';

describe('the schema of a tool document', () => {
  it('names types as JSON Schema does, and has none where JSON has none', () => {
    assert.deepEqual(
      schemaOf({
        type: 'dict',
        properties: {
          a: { type: 'float' },
          b: { type: 'tuple', items: { type: 'String' } },
          c: { type: 'any' },
          d: { type: 'HashMap', required: true, optional: false },
          type: { type: 'long', enum: [1, 1] },
        },
        required: ['a', 5],
      }),
      {
        type: 'object',
        properties: {
          a: { type: 'number' },
          b: { type: 'array', items: { type: 'string' } },
          c: {},
          d: { type: 'object' },
          type: { type: 'integer', enum: [1] },
        },
        required: ['a'],
      },
    );
  });

  it('is an object whatever the document says', () => {
    assert.deepEqual(parametersOf(undefined), { type: 'object', properties: {} });
  });
});

describe('a sample', () => {
  it('fits the schema that it is made of', () => {
    const schema = {
      type: 'object',
      properties: {
        count: { type: 'integer', minimum: 2.5 },
        when: { type: 'string', format: 'date' },
        kind: { enum: ['b', 'a'] },
        list: {
          type: 'array',
          minItems: 2,
          items: { type: 'object', properties: { x: { type: 'boolean' } }, required: ['x'] },
        },
        either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        long: { type: 'string', minLength: 12 },
        not: { type: 'string' },
      },
      required: ['count', 'when', 'kind', 'list', 'either', 'long'],
    };
    const sample = sampleOf(schema) as Record<string, unknown>;
    new ArgumentValidators().check({ name: 't', parameters: schema }, sample);
    assert.equal('not' in sample, false);
  });
});
