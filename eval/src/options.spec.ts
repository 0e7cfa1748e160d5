import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evalOptionsOf } from './options.js';

test('folders may follow one --data or stand each after its own', () => {
  assert.deepEqual(evalOptionsOf(['--data', '/a', '/b', '--limit', '5', '--data', '/c']).folders, ['/a', '/b', '/c']);
  assert.equal(evalOptionsOf(['--help']).help, true);
});

test('an evaluation of nothing, an unknown option and a limit that is none are refused', () => {
  for (const argv of [[], ['--dta', '/a'], ['--data', '/a', '--limit', '0'], ['--data', '/a', '--limit', 'all']]) {
    assert.throws(() => evalOptionsOf(argv), { kind: 'invalid', reason: 'OPTION_INVALID' }, argv.join(' '));
  }
});
