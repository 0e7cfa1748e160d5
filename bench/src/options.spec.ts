import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { scenarioNames } from './scenarios/scenario-names.js';
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

  it('runs peers beside ours only when asked, all of them when none is named', () => {
    const { peers, passes } = benchOptionsOf([]);
    assert.deepEqual({ peers, passes }, { peers: [], passes: 1 });
    assert.deepEqual(benchOptionsOf(['--peers', 'dbos,loop', '--passes', '3']).peers, ['dbos', 'loop']);
    assert.equal(benchOptionsOf(['--peers', 'dbos', '--passes', '3']).passes, 3);
    const all = ['loop', 'postgres-loop', 'restate', 'dbos', 'langgraph'];
    assert.deepEqual(benchOptionsOf(['--peers']).peers, all);
    assert.deepEqual(benchOptionsOf(['--peers', '--seconds', '5']).peers, all);
    assert.deepEqual(benchOptionsOf(['--ways', 'none', '--peers']).ways, []);
  });

  it('puts the fleet under pressure only when asked, in every way when none is named', () => {
    assert.deepEqual(benchOptionsOf([]).scenarios, []);
    assert.deepEqual(benchOptionsOf(['--scenarios', 'overload,cancel']).scenarios, ['overload', 'cancel']);
    const { scenarios, seconds, cancels } = benchOptionsOf(['--scenarios', '--json', 'figures.json']);
    assert.deepEqual(scenarios, scenarioNames);
    assert.deepEqual({ seconds, cancels }, { seconds: 60, cancels: 100 });
    assert.equal(benchOptionsOf(['--scenarios', 'cancel', '--seconds', '5']).seconds, 5);
  });

  it('refuses what it does not know', () => {
    for (const argv of [
      ['--concurrency', '0'],
      ['--concurrency', '1,'],
      ['--plans', 'tiny'],
      ['--ways', 'x'],
      ['--peers', 'dbos,x'],
      ['--peers', 'dbos,'],
      ['--passes', '0'],
      ['--scenarios', 'storm'],
      ['--scenarios', '--seconds', '0'],
      ['--ways', 'none'],
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
