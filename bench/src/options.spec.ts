import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { benchOptionsOf } from './options.js';

describe('the command line of the benchmark', () => {
  it('measures everything when nothing is said', () => {
    const { concurrency, seconds, warmSeconds, plans, ways } = benchOptionsOf([]);
    assert.deepEqual(
      { concurrency, seconds, warmSeconds },
      { concurrency: [1, 32, 256], seconds: 15, warmSeconds: 60 },
    );
    assert.deepEqual({ plans, ways }, { plans: ['short', 'long'], ways: ['default', 'split'] });
  });

  it('refuses what it does not know', () => {
    for (const argv of [
      ['--concurrency', '0'],
      ['--concurrency', '1,'],
      ['--plans', 'tiny'],
      ['--ways', 'x'],
      ['--y'],
    ]) {
      assert.throws(
        () => benchOptionsOf(argv),
        (error) => isFault(error) && error.reason === 'OPTION_INVALID',
        argv.join(' '),
      );
    }
  });
});
