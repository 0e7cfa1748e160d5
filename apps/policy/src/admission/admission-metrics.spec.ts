import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TenantLabels } from './admission-metrics.js';

const figures = (tenant: string, running: number, waiting = 0, oldestWaitMs = 0) => {
  return { tenant, running, waiting, oldestWaitMs };
};

test('only so many tenants are labels, the rest are summed, and a label stays when its tenant has nobody left', () => {
  const labels = new TenantLabels(2);
  assert.deepEqual([...labels.byLabel([figures('idle', 0), figures('a', 1), figures('b', 2)]).keys()], ['a', 'b']);
  const rows = labels.byLabel([figures('b', 3, 1, 7), figures('c', 4, 2, 50), figures('d', 5, 3, 40)]);
  assert.deepEqual(Object.fromEntries(rows), {
    a: { running: 0, waiting: 0, oldestWaitMs: 0 },
    b: { running: 3, waiting: 1, oldestWaitMs: 7 },
    other: { running: 9, waiting: 5, oldestWaitMs: 50 },
  });
});
