import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { ArgumentValidators } from '../toolcall/schema.js';
import { breakingChanges } from './breaking-changes.js';
import type { ToolSpec } from './manifest.js';

const toolOf = (parameters: object, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name: 'search', version: '1', owner: 't', description: '', toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin' },
  parameters: { type: 'object', ...parameters },
  ...over,
});
const said = (before: ToolSpec, after: ToolSpec): string[] =>
  breakingChanges(before, after).map(({ path, reason }) => `${path.slice(1).join('.')}: ${reason}`);
const of = (before: object, after: object): string[] => said(toolOf(before), toolOf(after));
const property = (schema: unknown) => ({ properties: { q: schema } });

const broken: [string, unknown, unknown, string][] = [
  ['a narrower type', { type: ['string', 'null'] }, { type: 'string' }, 'type: no longer takes null'],
  ['a number that must be whole', { type: 'number' }, { type: 'integer' }, 'type: no longer takes number'],
  ['a type where any was taken', { enum: ['a', 1] }, { type: 'string' }, 'type: no longer takes integer'],
  ['fewer values', { enum: ['a', 'b'] }, { enum: ['b', 'c'] }, 'enum: no longer takes "a"'],
  ['values where any was taken', { type: 'string' }, { type: 'string', enum: ['a'] }, 'enum: takes these values only'],
  ['one value of several', { enum: ['a', 'b'] }, { const: 'a' }, 'const: no longer takes "b"'],
  ['a lower maximum', { maximum: 10 }, { maximum: 9 }, 'maximum: takes less only'],
  ['an exclusive maximum', { maximum: 10 }, { exclusiveMaximum: 10 }, 'exclusiveMaximum: takes less only'],
  ['a new minimum', {}, { minimum: 0 }, 'minimum: takes more only'],
  ['a shorter text', { maxLength: 5 }, { maxLength: 4 }, 'maxLength: is lower'],
  ['a text that must not be empty', { type: 'string' }, { type: 'string', minLength: 1 }, 'minLength: is higher'],
  ['fewer items', {}, { maxItems: 5 }, 'maxItems: is lower'],
  ['coarser steps', { multipleOf: 5 }, { multipleOf: 10 }, 'multipleOf: takes fewer numbers'],
  ['another pattern', { pattern: '^a' }, { pattern: '^b' }, 'pattern: is another'],
  ['a format', { type: 'string' }, { type: 'string', format: 'date' }, 'format: is new'],
  ['items that must differ', {}, { uniqueItems: true }, 'uniqueItems: is new'],
  [
    'narrower items',
    { items: { type: 'number' } },
    { items: { type: 'integer' } },
    'items.type: no longer takes number',
  ],
  ['a condition', {}, { not: { const: 'a' } }, 'not: is new'],
  ['one more schema that must hold', { allOf: [] }, { allOf: [{ maxLength: 1 }] }, 'allOf.0.maxLength: is lower'],
  [
    'a choice less',
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { anyOf: [{ type: 'string' }] },
    'anyOf: no longer takes all that it took',
  ],
  ['nothing at all', {}, false, 'takes nothing any more'],
];

const kept: [string, unknown, unknown][] = [
  ['a wider type', { type: 'integer' }, { type: ['number', 'string'] }],
  ['no type any more', { type: 'string' }, {}],
  ['more values', { enum: ['a'] }, { enum: ['a', 'b'] }],
  ['values for one', { const: 'a' }, { enum: ['a', 'b'] }],
  ['a bound that is wider', { exclusiveMaximum: 10, minimum: 1 }, { maximum: 10, minimum: 0 }],
  ['no bounds any more', { maxLength: 3, pattern: 'a', format: 'date', uniqueItems: true }, {}],
  ['finer steps', { multipleOf: 10 }, { multipleOf: 5 }],
  ['a choice more', { anyOf: [{ type: 'string' }] }, { anyOf: [{ type: 'null' }, { type: ['string', 'number'] }] }],
  ['a choice where there was one', { type: 'string' }, { anyOf: [{ type: 'string' }, { type: 'null' }] }],
  ['other words', { description: 'a', title: 'b', default: 1 }, { description: 'c', examples: [1] }],
  ['keys in another order', { type: 'string', maxLength: 1 }, { maxLength: 1, type: 'string' }],
  ['anything', { type: 'string' }, true],
];

describe('a change of a schema', () => {
  for (const [title, before, after, reason] of broken) {
    it(`breaks callers by ${title}`, () => {
      const at = reason.startsWith('takes nothing') ? 'parameters.properties.q' : 'parameters.properties.q.';
      const separator = reason.startsWith('takes nothing') ? ': ' : '';
      assert.deepEqual(of(property(before), property(after)), [`${at}${separator}${reason}`]);
    });
  }

  for (const [title, before, after] of kept) {
    it(`breaks nobody by ${title}`, () => {
      assert.deepEqual(of(property(before), property(after)), []);
    });
  }

  it('breaks callers by a parameter that is gone, renamed or newly demanded, and by closing the object', () => {
    const before = { properties: { q: { type: 'string' }, page: {} }, required: ['q'] };
    assert.deepEqual(of(before, { properties: { query: { type: 'string' }, page: {} }, required: ['query'] }), [
      'parameters.properties.q: was removed or renamed',
      'parameters.required: demands query',
    ]);
    assert.deepEqual(of(before, { ...before, additionalProperties: false }), [
      'parameters.additionalProperties: takes no others any more',
    ]);
    const wider = { properties: { ...before.properties, size: { type: 'integer' } }, additionalProperties: true };
    assert.deepEqual(of(before, wider), []);
  });

  it('is seen where a schema refers to it', () => {
    const refers = (code: object) => ({ ...property({ $ref: '#/$defs/code' }), $defs: { code } });
    assert.deepEqual(of(refers({ maxLength: 9 }), refers({ maxLength: 8 })), [
      'parameters.$defs.code.maxLength: is lower',
    ]);
  });
});

describe('a change of a tool', () => {
  it('breaks callers by its effect, class, driver, destination and new conditions, and by nothing else', () => {
    const http = { upstream: 'shop', method: 'GET', path: '/a', query: [], body: 'none' } as const;
    const before = toolOf({}, { driver: 'http', http });
    const elsewhere = { ...before, http: { ...http, upstream: 'other' } };
    assert.deepEqual(said(before, elsewhere), ['http: was shop and is other']);
    assert.deepEqual(said(before, { ...before, effect: 'write', toolClass: 'write' }), [
      'effect: was read and is write',
      'class: was read and is write',
    ]);
    assert.deepEqual(said(before, toolOf({}, { driver: 'builtin', builtin: 'echo' })), [
      'driver: was http and is builtin',
    ]);
    const checks = [{ condition: 'args.a < args.b', message: 'No.' }];
    assert.deepEqual(said(before, { ...before, checks }), ['checks.0: is a new condition']);
    assert.deepEqual(said({ ...before, checks }, { ...before, checks: [] }), []);
    const others = { description: 'Else.', riskTier: 'high', timeoutMs: 5, owner: 'x' } as const;
    assert.deepEqual(said(before, { ...before, ...others, http: { ...http, path: '/b' } }), []);
  });
});

const leaf = fc.oneof(
  fc.record({ type: fc.constantFrom('string', 'integer', 'number', 'boolean', ['string', 'null']) }),
  fc.record({ type: fc.constant('string'), minLength: fc.nat(2), maxLength: fc.integer({ min: 2, max: 4 }) }),
  fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -2, max: 0 }), maximum: fc.nat(3) }),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom('a', 'bb', 1, null), { minLength: 1 }) }),
);
const schema = fc.record(
  {
    properties: fc.record({ q: leaf, n: leaf }, { requiredKeys: ['q'] }),
    required: fc.subarray(['q']),
    additionalProperties: fc.boolean(),
  },
  { requiredKeys: ['properties'] },
);
const values = fc.constantFrom<unknown[]>('', 'a', 'bb', 'ccc', 1, 0, -1, 5, 1.5, true, null);
const someArguments = fc.record({ q: values, n: values, z: values }, { requiredKeys: [] });

describe('a change that is not said to break', () => {
  it('refuses no arguments that were taken before, but those that a new parameter gives a meaning', () => {
    const validators = new ArgumentValidators();
    const takes = (tool: ToolSpec, args: Record<string, unknown>): boolean => {
      try {
        validators.check(tool, args);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(schema, schema, fc.array(someArguments, { minLength: 5 }), (before, after, all) => {
        const [old, now] = [toolOf(before), toolOf(after)];
        if (breakingChanges(old, now).length > 0) return;
        const known = new Set(Object.keys(before.properties));
        for (const args of all) {
          const used = Object.fromEntries(Object.entries(args).filter(([name]) => known.has(name) || name === 'z'));
          if (takes(old, used)) assert.ok(takes(now, used), JSON.stringify({ before, after, used }));
        }
      }),
      { numRuns: 500 },
    );
  });
});
