import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutantNames, mutants } from './mutants.js';
import { replayCommand, simulate } from './world.js';

/** 3,000 worlds are about 15 s of one core; a longer search is `npm run simulate -- --seeds 100000`. */
const seeds = 3_000;
/** A mistake that survives the whole search would survive it as a bug, too. */
const mutantSeeds = seeds;

describe('the protocol in simulated worlds', () => {
  it(`keeps every rule in ${seeds} worlds of crashes, losses, duplicates, zombies and wrong clocks`, () => {
    const totals = { sessions: 0, calls: 0, effects: 0, indeterminate: 0 };
    for (let seed = 1; seed <= seeds; seed++) {
      const report = simulate({ seed });
      assert.deepEqual(report.violations, [], `replay with: ${replayCommand(seed)}`);
      totals.sessions += report.sessions;
      totals.calls += report.calls;
      totals.effects += report.effects;
      totals.indeterminate += report.indeterminate;
    }
    // Worlds in which nothing happens would keep every rule, too.
    assert.ok(totals.sessions > 3 * seeds && totals.calls > 10 * seeds && totals.effects > 3 * seeds);
    assert.ok(totals.indeterminate > 0 && totals.indeterminate < totals.calls / 5);
  });

  it('is the same to the last byte for the same seed', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const trace = (): string => simulate({ seed, trace: true }).trace.join('\n');
      const first = trace();
      assert.ok(first.length > 1_000);
      assert.equal(trace(), first);
    }
  });

  it('says how to replay a failing world', () => {
    assert.equal(replayCommand(1234), 'npm run simulate -- --seed 1234 --trace');
  });
});

describe('the simulation notices that', () => {
  for (const mutant of mutantNames) {
    it(mutants[mutant], () => {
      for (let seed = 1; seed <= mutantSeeds; seed++) {
        if (simulate({ seed, mutants: [mutant] }).violations.length > 0) return;
      }
      assert.fail(`${mutant} survived ${mutantSeeds} worlds`);
    });
  }
});
