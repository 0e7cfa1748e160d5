import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TuningChange } from '@toolfleet/kernel';
import { rowsOf } from './consumer-board.js';
import type { GroupView, PartitionView } from './consumer-board.js';
import { consumerTable, describeChange } from './consumer-text.js';

const now = Date.UTC(2026, 10, 22);
const consumer = { service: 'executor', toolClass: 'read' };
const owner = { memberId: 'm1', clientId: 'client', host: '/10.0.0.1', assigned: new Map([['t', [0]]]) };

function view(more: Partial<PartitionView> = {}): GroupView {
  const part: PartitionView = {
    topic: 't',
    partition: 0,
    lag: 7,
    ageMs: 2_400,
    owner,
    status: undefined,
    known: undefined,
    ...more,
  };
  return { consumer, group: 'toolfleet.executor.read', partitions: [part] };
}

function change(more: Partial<TuningChange> = {}): TuningChange {
  const by = { actor: 'ann', reason: 'incident', atMs: now, expiresAtMs: now + 60_000 };
  return { target: { service: 'executor' }, action: 'pause', concurrency: 0, ...by, ...more };
}

test('a row says what the group and the cluster know also when the owner told nothing', () => {
  const [row] = rowsOf([view()], [], now);
  assert.deepEqual(
    [row?.owner, row?.lagRecords, row?.lagSeconds, row?.inFlight],
    ['client /10.0.0.1', 7, 2, undefined],
  );
  const [orphan] = rowsOf([view({ owner: undefined })], [], now);
  assert.match(consumerTable([orphan!]), / nobody +7 +2s +\? +\? +\?$/m);
});

test('a row says who paused it, all or a tenant, and who set its concurrency, until when and why', () => {
  const changes = [
    change(),
    change({ target: { service: 'executor', tenant: 'acme' }, reason: 'flood' }),
    change({ target: { service: 'executor', tenant: 'zoo' }, action: 'resume' }),
    change({ target: { service: 'executor', toolClass: 'write', tenant: 'else' } }),
    change({ action: 'setConcurrency', concurrency: 2 }),
    change({ target: { service: 'router' } }),
  ];
  const [row] = rowsOf([view()], changes, now);
  const until = '2026-11-22T00:01:00.000Z';
  assert.deepEqual(row?.paused, [
    { by: 'ann', reason: 'incident', until },
    { tenant: 'acme', by: 'ann', reason: 'flood', until },
  ]);
  assert.deepEqual(row?.concurrencyBy, { by: 'ann', reason: 'incident', until });
  assert.deepEqual(rowsOf([view()], changes, now + 60_000)[0]?.paused, []);
});

test('nothing that an operator wrote steers a terminal', () => {
  const text = describeChange(change({ reason: 'a\u001b[2Jb\nc' }));
  assert.equal(text, 'executor paused until 2026-11-22T00:01:00.000Z, by ann: a [2Jb c');
});
