import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atMost, none, resultOf } from './aims.js';
import { aimLines, figureLines, scenarioTableOf } from './run-scenarios.js';

describe('what is shown of a scenario', () => {
  const result = resultOf('storm', { rate: 20, quiet: { p99Ms: 31.5, lost: 0 }, refused: {} }, [
    atMost('p99', 3.14159, 2, 's'),
    none('session lost', 0),
    none('letter lost', Number.NaN),
  ]);

  it('is a line for each figure, tables of figures as one, empty ones named', () => {
    assert.deepEqual(figureLines(result.figures), ['rate 20', 'quiet: p99Ms 31.5, lost 0', 'refused: none']);
  });

  it('is a line for each aim, and what was not seen is missed', () => {
    const words = aimLines(result).map((line) => line.trim().split(/\s{2,}/));
    assert.deepEqual(words, [
      ['p99 at most 2 s', '3.142', 'MISSED'],
      ['no session lost', '0', 'met'],
      ['no letter lost', 'not seen', 'MISSED'],
    ]);
  });

  it('names the scenario in each line of the table', () => {
    const rows = scenarioTableOf([result]).map((line) => line.trim().split(/\s{2,}/)[0]);
    assert.deepEqual(rows, ['scenario', 'storm', 'storm', 'storm']);
  });
});
