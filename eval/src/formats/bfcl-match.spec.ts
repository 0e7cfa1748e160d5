import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { argumentsOf, isAccepted, isPythonTyped } from './bfcl-match.js';

const document = {
  name: 'plant',
  parameters: {
    type: 'dict',
    properties: {
      where: { type: 'string' },
      deep: { type: 'float' },
      rows: { type: 'array', items: { type: 'string' } },
      soil: { type: 'dict' },
      beds: { type: 'array', items: { type: 'dict' } },
      count: { type: 'integer' },
    },
    required: ['where'],
  },
};
const accepted = {
  where: ['North Bed', 'northern'],
  deep: [2, ''],
  rows: [['a-b', 'c'], ''],
  soil: [{ sand: [1], clay: ['much', ''] }, ''],
  beds: [[{ n: [1] }], ''],
  count: ['n_plants', ''],
};

describe('the match of a call', () => {
  it('compares strings without case, spaces and punctuation, and takes an integer for a float', () => {
    assert.equal(isAccepted(document, accepted, { where: 'north-bed', deep: 2, rows: ['AB', 'c'] }), true);
    assert.equal(isAccepted(document, accepted, { where: 'south' }), false);
    assert.equal(isAccepted(document, accepted, { where: 'northern', deep: '2' }), false);
    assert.equal(isAccepted(document, accepted, { where: 'northern', rows: ['c', 'ab'] }), false);
  });

  it('wants what is required, and nothing that the document or the answer lacks', () => {
    assert.equal(isAccepted(document, accepted, { deep: 2 }), false);
    assert.equal(isAccepted(document, accepted, { where: 'northern', extra: 1 }), false);
    assert.equal(isAccepted(document, { ...accepted, deep: [2] }, { where: 'northern' }), false);
  });

  it('looks into objects and lists of objects', () => {
    const withSoil = (soil: unknown): boolean => isAccepted(document, accepted, { where: 'northern', soil });
    assert.deepEqual(
      [withSoil({ sand: 1 }), withSoil({ sand: 1, clay: 'MUCH' }), withSoil({ clay: 'much' })],
      [true, true, false],
    );
    assert.equal(isAccepted(document, accepted, { where: 'northern', beds: [{ n: 1 }] }), true);
    assert.equal(isAccepted(document, accepted, { where: 'northern', beds: [{ n: 2 }] }), false);
  });

  it('takes a value of another type for a variable, which must be the same', () => {
    assert.equal(isAccepted(document, accepted, { where: 'northern', count: 'n_plants' }), true);
    assert.equal(isAccepted(document, accepted, { where: 'northern', count: 'N_PLANTS' }), false);
  });

  it('is defined where all types are those of Python', () => {
    assert.equal(isPythonTyped(document), true);
    assert.equal(isPythonTyped({ parameters: { properties: { a: { type: 'HashMap' } } } }), false);
  });
});

describe('the arguments of a right call', () => {
  it('are the first accepted values, without what may be left out', () => {
    assert.deepEqual(
      argumentsOf(document, { where: ['North Bed'], deep: ['', 2], soil: [{ sand: [1, 2], clay: [''] }] }),
      {
        where: 'North Bed',
        soil: { sand: 1 },
      },
    );
  });
});
