import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atLeast, atMost, linesOf, none, quotient, resultOf, resultOfPasses } from './aims.js';

describe('the aim of a scenario', () => {
  it('is met at its bound and missed beyond it', () => {
    assert.equal(atMost('p99 with the storm to alone', 1.25, 1.25).met, true);
    assert.equal(atMost('p99 with the storm to alone', 1.26, 1.25).met, false);
    assert.equal(atLeast('goodput of the peak', 90, 90, '%').met, true);
    assert.equal(atLeast('goodput of the peak', 89, 90, '%').met, false);
    assert.equal(none('session lost', 0).met, true);
    assert.equal(none('session lost', 1).met, false);
  });

  it('says its bound with its unit', () => {
    assert.equal(atMost('breaker open after', 1.4, 2, 's').aim, 'breaker open after at most 2 s');
  });

  it('is missed when nothing was measured', () => {
    assert.equal(atMost('p99', quotient(1, 0), 2).met, false);
    assert.equal(atLeast('goodput', Number.NaN, 0).met, false);
    assert.equal(resultOf('empty', {}, []).met, false);
  });

  it('is that of the median pass, and what must never happen that of the worst', () => {
    const pass = (ratio: number, lost: number) =>
      resultOf('storm', { ratio }, [atMost('p99 to alone', ratio, 1.25), none('session lost', lost)]);
    const passes = [pass(1.4, 0), pass(1.1, 1), pass(1.2, 0)];
    const { figures, aims, met } = resultOfPasses(passes);
    assert.deepEqual(figures, { ratio: 1.2 });
    assert.deepEqual(
      aims.map(({ measured, met: isMet }) => [measured, isMet]),
      [
        [1.2, true],
        [1, false],
      ],
    );
    assert.equal(met, false);
    assert.equal(resultOfPasses([pass(1.4, 0), pass(1.1, 0), pass(1.2, 0)]).met, true);
  });

  it('is missed when one pass did not see it, or did not come to its end', () => {
    const pass = (ratio: number) => resultOf('storm', {}, [atMost('p99 to alone', ratio, 1.25)]);
    assert.equal(resultOfPasses([pass(1), pass(Number.NaN), pass(1)]).met, false);
    const broken = resultOf('storm', {}, [atMost('comes to its end', Number.NaN, 1)]);
    assert.equal(resultOfPasses([pass(1), pass(1), broken]).met, false);
  });

  it('is missed as a whole when one part of it is', () => {
    const aims = [none('session lost', 0), atMost('p99', 3, 2, 's')];
    const result = resultOf('storm', {}, aims);
    assert.equal(result.met, false);
    assert.deepEqual(linesOf([result]), [
      { scenario: 'storm', aim: 'no session lost', measured: 0, met: true },
      { scenario: 'storm', aim: 'p99 at most 2 s', measured: 3, met: false },
    ]);
  });
});
