import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '../fault.js';
import { preparedStatementOf } from './statement.js';

const types = { a: 'integer', b: 'text', ids: 'integer[]' } as const;
const prepared = (statement: string) => preparedStatementOf({ statement, types });
const textOf = (statement: string) => prepared(statement).text;

function flawOf(statement: string): string {
  try {
    prepared(statement);
  } catch (error) {
    assert.ok(isFault(error) && error.reason === 'SQL_STATEMENT_INVALID', String(error));
    return error.message;
  }
  return 'none';
}

describe('a statement with placeholders', () => {
  it('numbers its parameters in the order of their names and gives each its type', () => {
    assert.deepEqual(prepared('select :b, :a, :b where x = any(:ids)'), {
      text: 'select ($1::text), ($2::integer), ($1::text) where x = any(($3::integer[]))',
      names: ['b', 'a', 'ids'],
      firstKeyword: 'SELECT',
    });
  });

  it('leaves casts, named arguments, slices of numbers and operators alone', () => {
    for (const text of ["select '1'::int", 'select f(x := 1)', 'select l[1:2]', 'select 1 - -1', 'select a$b from t'])
      assert.equal(textOf(text), text);
    assert.equal(textOf('select :ids[1], :b::jsonb'), 'select ($1::integer[])[1], ($2::text)::jsonb');
  });

  it('finds no placeholder in quotes and comments', () => {
    for (const text of [
      "select ':a', ':a'':b', E':a\\':b', e'\\\\', U&':a'",
      'select ":a", "x"":a" from t',
      'select $$:a ; $1$$, $tag$ :a $$ ; $tag$',
      'select 1 -- :a ; it\'s\n + 2 /* :a ; /* "nested" */ \' */',
    ])
      assert.deepEqual([textOf(text), prepared(text).names], [text, []]);
  });

  it('takes what the call knows, as text, without a declaration', () => {
    assert.deepEqual(prepared('select :toolfleet_tenant').text, 'select ($1::text)');
    assert.match(flawOf('select :toolfleet_password'), /has a placeholder :toolfleet_password without a type/);
  });

  it('may end in a semicolon, and is one', () => {
    assert.equal(textOf('select 1; -- done'), 'select 1 -- done');
    assert.match(flawOf('select 1; select 2'), /more than one statement/);
    assert.match(flawOf("select 1; 'x'"), /more than one statement/);
    assert.match(flawOf('select 1;;x'), /more than one statement/);
  });

  it('is refused where it cannot be read to its end, or says nothing', () => {
    for (const text of ["select 'a''", 'select "a', "select E'a\\'", 'select $x$ a $y$', 'select /* /* */'])
      assert.match(flawOf(text), /that does not end/, text);
    for (const text of ['', ' -- x', '/* x */']) assert.match(flawOf(text), /is empty/);
    for (const text of ["'a'", '1', ':a']) assert.match(flawOf(text), /does not begin with a keyword/);
  });

  it('names its parameters and does not number them', () => {
    assert.match(flawOf('select $1'), /write a name in place of \$1/);
    assert.match(flawOf('select :c'), /has a placeholder :c without a type/);
    assert.match(flawOf('select :constructor'), /has a placeholder :constructor without a type/);
  });

  it('begins with its first keyword, whatever stands before it', () => {
    for (const text of ['/* a */ (( SELECT 1))', '-- a\nselect 1', ' (select 1)'])
      assert.equal(prepared(text).firstKeyword, 'SELECT');
    assert.equal(prepared('with x as (select 1) delete from y').firstKeyword, 'WITH');
  });

  it('is read in linear time', () => {
    const startedAtMs = performance.now();
    for (const part of ["''", '/*', '"', "E'\\", '$a', ':a ', '--\n', '$$'])
      assert.notEqual(flawOf(`select ${part.repeat(16_000 / part.length)}`), '');
    assert.ok(performance.now() - startedAtMs < 2_000);
  });
});
