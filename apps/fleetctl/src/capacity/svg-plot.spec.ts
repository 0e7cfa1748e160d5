import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkline } from './capacity-text.js';
import { heatPlot, linePlot, linearScale, logScale, shareScale } from './svg-plot.js';

test('scales begin and end on a tick, and hold every value', () => {
  const values = [0.4, 3, 1_234];
  for (const scale of [linearScale(values), logScale(values, 0.1), shareScale([0.87, 0.999])]) {
    assert.ok(Math.abs(scale.at(scale.ticks[0]!)) < 1e-9);
    assert.ok(Math.abs(scale.at(scale.ticks.at(-1)!) - 1) < 1e-9);
  }
  for (const value of values) assert.ok(linearScale(values).at(value) <= 1 && logScale(values, 0.1).at(value) <= 1);
  assert.equal(shareScale([0.87]).ticks.at(-1), 1);
  assert.ok(shareScale([0.87]).at(0.87) >= 0);
});

test('nothing at all is a line on the floor, not a division by zero', () => {
  const nothing = linePlot({
    title: 'none',
    scale: linearScale([0, 0]),
    lines: [{ name: 'a', colour: 'quiet', values: [0, 0] }],
    bands: [],
    text: String,
  });
  assert.doesNotMatch(nothing, /NaN|Infinity/);
  assert.equal(sparkline([0, 0, 0]), '▁▁▁');
  assert.equal(sparkline([0, 4, 8]), '▁▅█');
});

test('a name cannot leave its place in the page', () => {
  const text = '"><script>';
  const bands = [{ from: 0, to: 1, name: text }];
  const line = { name: text, colour: 'quiet', values: [1] };
  const plot = linePlot({ title: text, scale: linearScale([1]), lines: [line], bands, text: String });
  const heat = heatPlot({ title: text, rows: [[10]], bands, steps: [1], text: () => text });
  assert.doesNotMatch(plot + heat, /<script>/);
});

test('the shard map draws what is old and leaves the rest empty', () => {
  const options = { title: 'age', bands: [], steps: [25, 100], text: String };
  const plot = heatPlot({
    ...options,
    rows: [
      [0, 24, 25],
      [99, 100, 5_000],
    ],
  });
  assert.deepEqual(
    plot.match(/class="heat\d"/g),
    ['heat0', 'heat0', 'heat1', 'heat1'].map((name) => `class="${name}"`),
  );
});
