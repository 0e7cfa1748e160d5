import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broken, missing } from '@toolfleet/kernel';
import { describeFailure } from './failure.js';

const lost = missing('CATALOG_MISSING', 'There is no catalogue at /x.', {
  hint: 'Name one with `--catalog DIR`.',
  cause: new Error('ENOENT'),
});

test('a failure is one line and a hint, without its causes', () => {
  const expected = 'error There is no catalogue at /x. (CATALOG_MISSING)\nhint  Name one with `--catalog DIR`.';
  assert.equal(describeFailure(lost, false, false), expected);
});

test('as JSON a failure is one object that names kind and reason', () => {
  const { error } = JSON.parse(describeFailure(lost, true, false)) as { error: Record<string, unknown> };
  assert.deepEqual([error['kind'], error['reason'], error['hint']], ['missing', 'CATALOG_MISSING', lost.hint]);
});

test('a bug of ours prints its causes, because someone has to find it', () => {
  const text = describeFailure(broken('ODD', 'That cannot be.', { cause: new Error('index 7') }), false, false);
  assert.match(text, /That cannot be\. \(ODD\)\n {2}caused by Error: index 7/);
});
