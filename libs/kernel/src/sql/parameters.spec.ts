import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SqlType } from '../catalog/database.js';
import { sqlTypes } from '../catalog/database.js';
import { isFault } from '../fault.js';
import { sqlParameterOf } from './parameters.js';

const taken: Readonly<Record<SqlType, readonly (readonly [unknown, string])[]>> = {
  text: [
    ['', ''],
    ["'; drop table x; --", "'; drop table x; --"],
    ['😀', '😀'],
  ],
  integer: [
    [7, '7'],
    ['-7', '-7'],
  ],
  bigint: [['9223372036854775807', '9223372036854775807']],
  numeric: [
    [0.1, '0.1'],
    ['0.12345678901234567890123', '0.12345678901234567890123'],
    [1e21, '1e+21'],
  ],
  boolean: [[false, 'false']],
  date: [['2026-11-27', '2026-11-27']],
  timestamptz: [
    ['2026-11-27T09:30:00Z', '2026-11-27T09:30:00Z'],
    ['2026-11-27 09:30+01', '2026-11-27 09:30+01'],
  ],
  uuid: [['0193a6c0-0000-7000-8000-000000000000', '0193a6c0-0000-7000-8000-000000000000']],
  json: [
    [{ a: ["'", null] }, '{"a":["\'",null]}'],
    ['\\u0000', '"\\\\u0000"'],
  ],
  'text[]': [
    [['a', null, '', 'NULL', '{,"\\}'], '{"a",NULL,"","NULL","{,\\"\\\\}"}'],
    [[], '{}'],
  ],
  'integer[]': [[[1, null, '2'], '{"1",NULL,"2"}']],
};

const refused: Readonly<Record<SqlType, readonly unknown[]>> = {
  text: [1, true, {}, 'a\0b', '\ud800'],
  integer: [1.5, 2 ** 53, '1.0', '1 or 1=1', '', true, [1]],
  bigint: ['12345678901234567890123', 'x'],
  numeric: ['NaN', 'Infinity', '1,5', '', ' 1', '1e99999', Number.NaN],
  boolean: ['true', 1, 't'],
  date: ['now', 'today', '27.11.2026', '2026-11-27T00:00:00Z', 'infinity'],
  timestamptz: ['now', '2026-11-27T09:30:00', '2026-11-27', 'yesterday'],
  uuid: ['0193a6c0', 'zzzzzzzz-0000-7000-8000-000000000000'],
  json: ['a\0b', { '\ud800': 1 }, ['\0']],
  'text[]': ['a', [1], [['a']], ['a\0']],
  'integer[]': [[1.5], [[1]], ['x'], {}],
};

describe('an argument of a statement', () => {
  for (const type of sqlTypes) {
    it(`of type ${type} keeps its value, and is refused when it is another`, () => {
      for (const [value, text] of taken[type]) assert.equal(sqlParameterOf('a', type, value), text);
      for (const value of refused[type]) {
        const refuses = () => sqlParameterOf('a', type, value);
        assert.throws(
          refuses,
          (error) => isFault(error) && error.reason === 'SQL_PARAMETER_INVALID' && error.details['sent'] === 'no',
          JSON.stringify(value),
        );
      }
    });
  }

  it('that is absent or null is null', () => {
    for (const type of sqlTypes)
      assert.deepEqual([sqlParameterOf('a', type, undefined), sqlParameterOf('a', type, null)], [null, null]);
  });
});
