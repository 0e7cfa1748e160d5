import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTask } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isFault } from '../fault.js';
import { ArgumentValidators } from './schema.js';

const validators = new ArgumentValidators();

function problemOf(parameters: Record<string, unknown>, args: Record<string, unknown>): string {
  try {
    validators.check({ name: 'tool', parameters }, args);
    return 'fits';
  } catch (error) {
    assert.ok(isFault(error));
    return error.reason === 'ARGUMENTS_INVALID' ? (error.details['problems'] ?? '') : error.reason;
  }
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const textOf = (schema: Record<string, unknown>): Record<string, unknown> => ({
  type: 'object',
  properties: { text: schema },
});

describe('the check of arguments', () => {
  it('says what to change', () => {
    const parameters = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    };
    assert.equal(problemOf(parameters, { n: 1 }), 'fits');
    assert.equal(problemOf(parameters, {}), "arguments must have required property 'n'");
    assert.equal(problemOf(parameters, { n: 'one' }), 'n must be integer');
    assert.equal(problemOf(parameters, { n: 1, m: 2 }), 'arguments must NOT have additional properties (m)');
  });

  it('takes time linear in the text for any pattern', () => {
    for (const schema of [
      textOf({ type: 'string', pattern: '^(a+)+$' }),
      textOf({ type: 'string', pattern: '^(a|aa)+$' }),
      { type: 'object', patternProperties: { '^(t+)+x$': false } },
    ]) {
      const startedMs = performance.now();
      problemOf(schema, { text: `${'a'.repeat(100_000)}!`, ['t'.repeat(10_000)]: 1 });
      assert.ok(performance.now() - startedMs < 2_000);
    }
    assert.equal(problemOf(textOf({ type: 'string', pattern: '^(a+)+$' }), { text: 'aaa' }), 'fits');
  });

  it('keeps the patterns of one schema and of another apart', () => {
    const two = { type: 'object', properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } } };
    assert.equal(problemOf(two, { a: 'aa', b: 'bb' }), 'fits');
    assert.equal(problemOf(two, { a: 'aa', b: 'aa' }), 'b must match pattern "^b+$"');
    assert.equal(problemOf(textOf({ pattern: '^c+$' }), { text: 'aa' }), 'text must match pattern "^c+$"');
  });

  it('takes time linear in the text for its formats', () => {
    for (const format of [
      'email',
      'uri',
      'date-time',
      'hostname',
      'ipv6',
      'uuid',
      'uri-template',
      'duration',
      'regex',
    ]) {
      for (const part of ['a', '1.', 'a@', '%20', ':', '-', '(a+)+']) {
        const startedMs = performance.now();
        problemOf(textOf({ type: 'string', format }), { text: `${part.repeat(Math.floor(60_000 / part.length))}!` });
        assert.ok(performance.now() - startedMs < 1_000, `${format} on ${part}`);
      }
    }
  });

  it('understands draft 2020-12', () => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string' }], items: false };
    assert.equal(problemOf(textOf(tuple), { text: ['a'] }), 'fits');
    assert.notEqual(problemOf(textOf(tuple), { text: ['a', 'b'] }), 'fits');
    const dependent = {
      type: 'object',
      dependentRequired: { a: ['b'] },
      $defs: { x: { const: 1 } },
      properties: { c: { $ref: '#/$defs/x' } },
    };
    assert.notEqual(problemOf(dependent, { a: 1 }), 'fits');
    assert.notEqual(problemOf(dependent, { c: 2 }), 'fits');
    assert.notEqual(
      problemOf({ allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, { b: 1 }),
      'fits',
    );
  });

  it('refuses a schema that is none, and patterns that need backtracking', () => {
    assert.equal(problemOf({ type: 'no such type' }, {}), 'SCHEMA_INVALID');
    assert.equal(problemOf(textOf({ type: 'string', pattern: '(a)\\1' }), { text: 'aa' }), 'SCHEMA_INVALID');
  });

  it('asks the conditions of the tool after its schema, and says which does not hold', () => {
    const parameters = { type: 'object', properties: { from: { type: 'integer' }, to: { type: 'integer' } } };
    const checks = [
      { condition: '!has(args.from) || !has(args.to) || args.from <= args.to', message: 'from must not be above to' },
      { condition: '!has(args.to) || args.to <= 100', message: 'to is at most 100' },
    ];
    const problem = (args: Record<string, unknown>) => {
      try {
        validators.check({ name: 'tool', parameters, checks }, args);
        return 'fits';
      } catch (error) {
        return isFault(error) ? error.details['problems'] : String(error);
      }
    };
    assert.equal(problem({ from: 1, to: 2 }), 'fits');
    assert.equal(problem({ from: 1 }), 'fits');
    assert.equal(problem({ from: 3, to: 2 }), 'from must not be above to');
    assert.equal(problem({ from: 1, to: 101 }), 'to is at most 100');
    assert.equal(problem({ from: 'a', to: 101 }), 'from must be integer');
  });

  it('takes a condition that cannot be evaluated for one that does not hold', () => {
    const checks = [{ condition: 'args.total > 0', message: 'total is above 0' }];
    const tool = { name: 'tool', parameters: { type: 'object' }, checks };
    for (const args of [{}, { total: 'much' }, { total: { of: 1 } }]) {
      assert.throws(() => validators.check(tool, args), /do not fit together/);
    }
    validators.check(tool, { total: 0.5 });
  });

  it('takes draft-07 where the schema says so', () => {
    const $schema = 'http://json-schema.org/draft-07/schema#';
    const tuple = { type: 'array', items: [{ type: 'string' }], additionalItems: false };
    assert.equal(problemOf({ ...textOf(tuple), $schema }, { text: ['a'] }), 'fits');
    assert.notEqual(problemOf({ ...textOf(tuple), $schema }, { text: ['a', 'b'] }), 'fits');
  });

  it('refuses a schema that it could only get wrong, and says what to write instead', () => {
    const deep = JSON.parse(`${'{"not":'.repeat(70)}{}${'}'.repeat(70)}`) as Record<string, unknown>;
    const refused: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{ $schema: 'http://json-schema.org/draft-04/schema#' }, /draft-04.*: write them in 2020-12 or draft-07/],
      [textOf({ $dynamicRef: '#a' }), /write a \$ref/],
      [textOf({ unevaluatedItems: false }), /write prefixItems/],
      [textOf({ $ref: 'https://elsewhere.test/schema' }), /refer to "https:\/\/elsewhere.test\/schema"/],
      [deep, /deeper than 64 levels/],
      [{ enum: ['x'.repeat(300_000)] }, /bytes, more than 262144/],
      [{ anyOf: Array.from({ length: 6_000 }, () => ({})) }, /more than 5000 objects/],
      [JSON.parse('{"properties":{"__proto__":{}}}') as Record<string, unknown>, /rename it/],
    ];
    for (const [parameters, message] of refused) {
      assert.throws(
        () => validators.compile({ name: 'tool', parameters }),
        (error) => isFault(error) && error.reason === 'SCHEMA_UNSUPPORTED' && message.test(error.message),
      );
    }
  });

  it('takes for values what stands where values stand', () => {
    const enumOf = (value: unknown) => textOf({ enum: [value], default: { $dynamicRef: '#' } });
    assert.equal(problemOf(enumOf('a'), { text: 'a' }), 'fits');
    const named = { type: 'object', properties: { unevaluatedItems: { type: 'string' }, const: { type: 'number' } } };
    assert.equal(problemOf(named, { unevaluatedItems: 'a' }), 'fits');
  });

  it('takes two tools whose schemas share an id', () => {
    const one = { $id: 'https://shop.test/schema', type: 'object', required: ['a'] };
    const two = { $id: 'https://shop.test/schema', type: 'object', required: ['b'] };
    assert.equal(problemOf(one, { a: 1 }), 'fits');
    assert.equal(problemOf(two, { b: 1 }), 'fits');
    assert.notEqual(problemOf(two, { a: 1 }), 'fits');
  });

  it('lets go in time of schemas that their tools have replaced', async () => {
    const collect = collector();
    const validators = new ArgumentValidators();
    const replaced = Array.from({ length: 450 }, (_, version) => {
      const parameters = { type: 'object', title: `v${version}`, pattern: 'x' };
      validators.compile({ name: 'tool', parameters });
      return new WeakRef(parameters);
    });
    await nextTask();
    collect();
    assert.ok(replaced.filter((schema) => schema.deref()).length <= 250);
  });
});
