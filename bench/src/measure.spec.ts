import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure } from './measure.js';
import { plans } from './plans.js';
import type { RunningSystem } from './systems.js';

const sessionMs = 300;
const system: RunningSystem = {
  name: 'loop',
  load: {
    failed: new Promise<never>(() => undefined),
    session: () => sleep(sessionMs, sessionMs),
  },
  processes: () => [{ name: 'loop', pid: process.pid }],
};

describe('a measured window', { skip: process.platform !== 'linux' }, () => {
  it('lasts until as many sessions ended as there are slots, however short it was asked for', async () => {
    const { signal } = new AbortController();
    const bench = { system, stubsPid: process.pid, signal, onProgress: () => undefined };
    const run = await measure(bench, plans.short, 1, 10);
    assert.equal(run.sessions >= 1, true);
    assert.equal(run.p50Ms, sessionMs);
  });
});
