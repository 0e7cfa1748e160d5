import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ToolSpec } from './manifest.js';
import type { UsageWindow } from './unused-tools.js';
import { firstDayOf, unusedTools, windowFault } from './unused-tools.js';

const toolOf = (name: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name, version: '1', owner: 'team', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});
const nowMs = Date.UTC(2026, 10, 27, 12);
const day = 86_400_000;
const windowOf = (over: Partial<UsageWindow> = {}): UsageWindow => ({
  ...{ nowMs, days: 30, usage: [], knownSinceDay: '2026-01-01', firstSeenMs: new Map(), ...over },
});
const used = (tool: string, calls: number) => ({
  ...{ tool, version: '1', calls, writes: 0, failures: 0, lastDay: '2026-11-20' },
});

describe('unused tools', () => {
  it('are those without a call in the window, by version, as long as they were there all of it', () => {
    const tools = ['used', 'idle', 'failing', 'young', 'unknown'].map((name) => toolOf(name));
    const old = nowMs - 30 * day;
    const firstSeenMs = new Map([
      ...['used@1', 'used@2', 'idle@1', 'failing@1', 'gone@1'].map((name) => [name, old] as const),
      ['young@1', old + 1],
    ]);
    const all = [...tools, toolOf('used', { version: '2' }), toolOf('gone', { visibility: 'archived' })];
    const { unused, young } = unusedTools(all, windowOf({ usage: [used('used', 1), used('failing', 0)], firstSeenMs }));
    assert.deepEqual(
      unused.map(({ name, version }) => `${name}@${version}`),
      ['idle@1', 'failing@1', 'used@2'],
    );
    assert.deepEqual(young, ['young@1', 'unknown@1']);
  });

  it('are not told while calls are recorded for less than the window', () => {
    assert.equal(firstDayOf(windowOf()), '2026-10-28');
    assert.equal(windowFault(windowOf({ knownSinceDay: '2026-10-28' })), undefined);
    const late = windowFault(windowOf({ knownSinceDay: '2026-10-29' }));
    assert.deepEqual([late?.reason, late?.hint], ['USAGE_TOO_SHORT', 'Ask for at most 29 days.']);
    assert.match(windowFault(windowOf({ knownSinceDay: undefined }))?.message ?? '', /^No call is recorded yet/);
  });
});
