import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histograms } from './histogram.js';

test('a percentile is at most 3 % off, from a hundredth of a millisecond to an hour', () => {
  const histograms = new Histograms(2);
  for (let at = 1; at <= 1_000; at++) histograms.add(1, at ** 2.5);
  for (const fraction of [0.1, 0.5, 0.9, 0.99]) {
    const exact = (fraction * 1_000) ** 2.5;
    const found = histograms.percentile(1, fraction)!;
    assert.ok(Math.abs(found / exact - 1) < 0.035, `${fraction}: ${found} for ${exact}`);
  }
  assert.equal(histograms.percentile(0, 0.5), undefined);
});

test('no wait counts as none', () => {
  const histograms = new Histograms(1);
  for (let at = 0; at < 98; at++) histograms.add(0, 0);
  histograms.add(0, 500);
  histograms.add(0, 500);
  assert.equal(histograms.percentile(0, 0.98), 0);
  assert.ok(histograms.percentile(0, 0.99)! > 480);
});
