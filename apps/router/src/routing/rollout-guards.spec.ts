/** The guard of rollouts over a store in memory: who is held back, when, and what outlasts a router. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { AuditRecord, CountsByVersion, GuardBreach, RolloutSpec, ToolSpec } from '@toolfleet/kernel';
import { Catalogue } from '@toolfleet/kernel';
import type { RolloutWatchStore, WatchedRollout } from '@toolfleet/platform/postgres';
import { createLogger } from '@toolfleet/platform/telemetry';
import { eventually } from '@toolfleet/testkit';
import { RolloutGuards } from './rollout-guards.js';

const toolOf = (version: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name: 'search', version, owner: 't', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});
const rolloutOf = (over: Partial<RolloutSpec> = {}): RolloutSpec => ({
  ...{ name: 'search-2', tool: 'search', version: '2', tenants: ['*'], startsAtMs: 0 },
  ...{ steps: [{ percent: 50, minutes: 0 }], guard: { errorTimes: 2, latencyTimes: 3, callsMin: 10 }, ...over },
});
const counts = (calls: number, failures: number, meanMs = 10) => ({
  ...{ calls, failures, runs: calls, latencyMs: calls * meanMs },
});

/** What the database keeps, and what the audit adds up. */
class MemoryWatches implements RolloutWatchStore {
  readonly rows = new Map<
    string,
    { sinceMs: number; before: CountsByVersion; takenBack?: { atMs: number; because: GuardBreach } }
  >();
  now: CountsByVersion = {};
  isDown = false;

  async look({ name, digest }: WatchedRollout, nowMs: number) {
    if (this.isDown) throw new Error('down');
    const key = `${name} ${digest}`;
    if (!this.rows.has(key)) this.rows.set(key, { sinceMs: nowMs, before: this.now });
    return { ...this.rows.get(key)!, now: this.now };
  }

  async takeBack({ name, digest }: WatchedRollout, because: GuardBreach, atMs: number) {
    const row = this.rows.get(`${name} ${digest}`)!;
    if (row.takenBack) return false;
    row.takenBack = { atMs, because };
    return true;
  }

  async forget() {
    // Nothing is that old.
  }
}

const log = createLogger({ level: 'silent', roles: 'router', instance: 't' } as never);
const soon = (is: () => unknown) => eventually(async () => is(), { withinMs: 5_000 });
const running: RolloutGuards[] = [];
afterEach(() => Promise.all(running.splice(0).map((guards) => guards.stop())));

function world(rollout?: RolloutSpec) {
  const catalogue = new Catalogue();
  const listeners = new Set<(key: string, revision: string | undefined) => void>();
  const put = (spec: RolloutSpec) => {
    catalogue.put({ kind: 'Rollout', spec });
    for (const listener of listeners) listener(`Rollout/${spec.name}`, 'r');
  };
  catalogue.put({ kind: 'Tool', spec: toolOf('1') });
  catalogue.put({ kind: 'Tool', spec: toolOf('2', { beside: true, visibility: 'hidden' }) });
  if (rollout) put(rollout);
  const onRecord = (listener: (key: string, revision: string | undefined) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const store = new MemoryWatches();
  const audited: AuditRecord[] = [];
  const router = async (everyMs = 5) => {
    const audit = async (record: AuditRecord) => void audited.push(record);
    const guards = new RolloutGuards({ live: { catalogue, onRecord }, store, audit, log, everyMs });
    running.push(guards);
    await guards.start();
    return guards;
  };
  return { store, put, audited, router };
}

describe('the guards of rollouts', () => {
  it('take a version back once, whichever routers look, and say why', async () => {
    const { store, audited, router } = world(rolloutOf());
    const [one, other] = [await router(), await router()];
    assert.deepEqual([one.isHeldBack('search-2'), other.isHeldBack('search-2')], [false, false]);
    store.now = { 1: counts(100, 0, 100), 2: counts(20, 0, 400) };
    await soon(() => one.isHeldBack('search-2') && other.isHeldBack('search-2'));
    assert.deepEqual(
      audited.map(({ action, outcome, comment }) => [action, outcome, comment]),
      [['ROLLOUT_TAKEN_BACK', 'back to 1', 'rollout search-2 takes too long']],
    );
    assert.deepEqual(one.states(1)[0], {
      ...{ name: 'search-2', percent: 0, takenBack: true },
      figures: { calls: 20, errorTimes: 0, latencyTimes: 4 },
    });
  });

  it('count from the beginning of the rollout: what a version did before says nothing', async () => {
    const { store, put, router } = world();
    store.now = { 1: counts(100, 0), 2: counts(100, 100) };
    const guards = await router();
    put(rolloutOf());
    await soon(() => !guards.isHeldBack('search-2'));
    store.now = { 1: counts(150, 0), 2: counts(150, 100) };
    await soon(() => guards.states(1)[0]?.figures?.calls === 50);
    assert.equal(guards.isHeldBack('search-2'), false);
    store.now = { 1: counts(150, 0), 2: counts(160, 110) };
    await soon(() => guards.isHeldBack('search-2'));
  });

  it('remember a verdict over a restart and a whole recovery, until the manifest changes', async () => {
    const { store, put, router } = world(rolloutOf());
    const before = await router();
    store.now = { 1: counts(100, 0), 2: counts(20, 20) };
    await soon(() => before.isHeldBack('search-2'));
    store.now = { 1: counts(100, 0), 2: counts(20_000, 20) };
    const after = await router(60_000);
    assert.equal(after.isHeldBack('search-2'), true);
    put(rolloutOf({ steps: [{ percent: 5, minutes: 0 }] }));
    await soon(() => !after.isHeldBack('search-2'));
    put(rolloutOf());
    await soon(() => after.states(1)[0]?.takenBack);
  });

  it('give a guarded version to nobody while its beginning cannot be written, and others go on', async () => {
    const { store, put, router } = world(rolloutOf());
    store.isDown = true;
    const guards = await router();
    assert.equal(guards.isHeldBack('search-2'), true);
    put(rolloutOf({ name: 'careless', guard: undefined }));
    assert.equal(guards.isHeldBack('careless'), false);
    store.isDown = false;
    await soon(() => !guards.isHeldBack('search-2'));
    store.isDown = true;
    await soon(() => !guards.isHeldBack('search-2'));
  });
});
