import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthFacts } from './consumer-figures.js';
import { healthOf } from './consumer-figures.js';
import type { PartitionStats } from './consumer-options.js';

const row: PartitionStats = {
  topic: 't',
  partition: 0,
  waiting: 0,
  waitingBytes: 0,
  gap: 0,
  oldestMs: 0,
  queueAgeMs: 0,
  lag: 0,
  inFlight: 0,
  held: 0,
  blocked: false,
  paused: false,
};

function facts(changes: Partial<HealthFacts> & { inFlight?: number; row?: Partial<PartitionStats> } = {}): HealthFacts {
  const stats = {
    concurrency: 1,
    configuredConcurrency: 1,
    inFlight: changes.inFlight ?? 0,
    waiting: 0,
    waitingBytes: 0,
    oldestMs: 0,
    lag: 0,
    finished: 0,
    deadLettered: 0,
    redone: 0,
    partitions: [{ ...row, ...changes.row }],
  };
  const [lastPollAtMs, lastProgressAtMs] = [Date.now(), 0];
  return { stats, state: 'joined', lastPollAtMs, lastProgressAtMs, dirtySinceMs: 0, stalledMsMax: 1_000, ...changes };
}

const verdict = (health: HealthFacts) => {
  const { ready, live } = healthOf(health);
  return [ready, live];
};

test('an idle member is ready and live, however long nothing came', () => {
  assert.deepEqual(verdict(facts()), [true, true]);
});

test('a consumer that is not a member is not ready, and a restart would not help it', () => {
  for (const state of ['new', 'joining', 'draining', 'stopped'] as const) {
    assert.deepEqual(verdict(facts({ state })), [false, true], state);
  }
});

test('lag without any progress is a stall, unless handlers run or the partition is paused', () => {
  assert.deepEqual(verdict(facts({ row: { lag: 5 } })), [true, false]);
  assert.deepEqual(verdict(facts({ row: { lag: 5 }, inFlight: 1 })), [true, true]);
  assert.deepEqual(verdict(facts({ row: { lag: 5, paused: true } })), [true, true]);
  assert.deepEqual(verdict(facts({ row: { lag: 5 }, lastProgressAtMs: Date.now() })), [true, true]);
});

test('work that an operator holds is no stall, and work beside it is', () => {
  assert.deepEqual(verdict(facts({ row: { lag: 5, held: 5, waiting: 5 } })), [true, true]);
  assert.deepEqual(verdict(facts({ row: { lag: 5, held: 4, waiting: 5 } })), [true, false]);
});

test('a fetch loop that went silent is neither ready nor live', () => {
  assert.deepEqual(verdict(facts({ lastPollAtMs: Date.now() - 2_000 })), [false, false]);
});

test('commits that fail for too long are a stall', () => {
  assert.deepEqual(verdict(facts({ dirtySinceMs: Date.now() - 2_000 })), [true, false]);
  assert.deepEqual(verdict(facts({ dirtySinceMs: Date.now() })), [true, true]);
});
