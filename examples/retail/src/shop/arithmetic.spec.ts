import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculate, roundToCents } from './arithmetic.js';

test('an expression is worked out left to right, products before sums', () => {
  assert.equal(calculate('3131.1 + 4777.75 + 367.38'), '8276.23');
  assert.equal(calculate('155.33 - 147.05 + 268.77 - 235.13'), '41.92');
  assert.equal(calculate('2 + 3 * (4 - 1) / 2'), '6.5');
  assert.equal(calculate('-(2 - 5) * +1.5'), '4.5');
  assert.equal(calculate(' .5+1. '), '1.5');
});

test('a whole result is written as a decimal', () => {
  assert.equal(calculate('2 + 2'), '4.0');
  assert.equal(calculate('100000000 * 100000000'), '1e+16');
});

test('what is no arithmetic is refused', () => {
  const refused = { kind: 'invalid' };
  for (const expression of [
    '',
    '1 +',
    '(1',
    '1)',
    '1 2',
    '1..2',
    '2 ** 3',
    '8 // 3',
    '()',
    'a + 1',
    '__import__',
    '1,000',
  ]) {
    assert.throws(() => calculate(expression), refused, expression);
  }
  assert.throws(() => calculate('1 / (2 - 2)'), { reason: 'DIVISION_BY_ZERO' });
});

test('depth and length are bounded', () => {
  assert.equal(calculate(`${'('.repeat(40)}1${')'.repeat(40)}`), '1.0');
  assert.throws(() => calculate('('.repeat(900)), { reason: 'EXPRESSION_TOO_DEEP' });
  assert.throws(() => calculate('-'.repeat(900)), { reason: 'EXPRESSION_TOO_DEEP' });
  assert.throws(() => calculate('1+'.repeat(600)), { reason: 'EXPRESSION_TOO_LONG' });
});

test('an amount halfway between two cents goes to the even one', () => {
  assert.equal(roundToCents(0.125), 0.12);
  assert.equal(roundToCents(0.375), 0.38);
  assert.equal(roundToCents(-0.125), -0.12);
  assert.equal(roundToCents(1.005), 1);
  assert.equal(roundToCents(-16.629999999999995), -16.63);
});
