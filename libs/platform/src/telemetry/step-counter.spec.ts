import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.js';
import { StepCounter } from './step-counter.js';

test('a step counter is scraped as any counter is, a line for each set of labels', async () => {
  const metrics = new Metrics();
  const counter = new StepCounter(metrics.meter, 'toolfleet_steps', ['kind', 'outcome'], 'Steps done.');
  counter.add(1, { kind: 'call', outcome: 'ok' });
  counter.add(2, { outcome: 'ok', kind: 'call' });
  counter.add(1, { kind: 'call', outcome: 'failed' });
  const lines = (await metrics.scrape()).split('\n').filter((line) => line.includes('toolfleet_steps'));
  assert.deepEqual(lines, [
    '# HELP toolfleet_steps_total Steps done.',
    '# TYPE toolfleet_steps_total counter',
    'toolfleet_steps_total{kind="call",outcome="ok",otel_scope_name="toolfleet"} 3',
    'toolfleet_steps_total{kind="call",outcome="failed",otel_scope_name="toolfleet"} 1',
  ]);
  counter.add(1, { kind: 'call', outcome: 'failed' });
  assert.match(await metrics.scrape(), /outcome="failed".* 2\n/, 'sums grow from scrape to scrape');
  await metrics.close();
});
