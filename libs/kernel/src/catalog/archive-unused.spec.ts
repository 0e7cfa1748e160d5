import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.js';
import { toolsToArchive } from './archive-unused.js';
import type { ToolSpec } from './manifest.js';
import type { UsageWindow } from './unused-tools.js';

const nowMs = Date.UTC(2026, 10, 27, 12);
const day = 86_400_000;

const toolOf = (name: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name, version: '1', owner: 'team', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});

const busy = { tool: 'busy', version: '1', calls: 9, writes: 0, failures: 0, lastDay: '2026-11-26' };

/** All tools are a year old. */
function windowOf(tools: readonly ToolSpec[], over: Partial<UsageWindow> = {}): UsageWindow {
  const firstSeenMs = new Map(tools.map(({ name, version }) => [`${name}@${version}`, nowMs - 365 * day]));
  return { nowMs, days: 30, usage: [busy], knownSinceDay: '2026-01-01', firstSeenMs, ...over };
}

function archivedOf(tools: readonly ToolSpec[], over: Partial<UsageWindow> = {}, rollouts: object[] = []): string[] {
  const verdict = toolsToArchive(tools, rollouts as never, windowOf(tools, over));
  return verdict.tools.map(({ name, version }) => `${name}@${version}`);
}

describe('what the fleet archives by itself', () => {
  it('is what nobody called for all of the window', () => {
    assert.deepEqual(archivedOf([toolOf('busy'), toolOf('idle'), toolOf('gone', { visibility: 'archived' })]), [
      'idle@1',
    ]);
  });

  it('is nothing while the window is not known whole, or nothing at all was recorded lately', () => {
    const tools = [toolOf('busy'), toolOf('idle')];
    assert.deepEqual(archivedOf(tools, { knownSinceDay: '2026-11-20' }), []);
    assert.deepEqual(archivedOf(tools, { knownSinceDay: undefined }), []);
    const silent = windowOf(tools, { usage: [{ ...busy, lastDay: '2026-11-19' }] });
    assert.equal(toolsToArchive(tools, [], silent).fault?.reason, 'USAGE_SILENT');
    assert.equal(toolsToArchive(tools, [], windowOf(tools, { usage: [] })).fault?.reason, 'USAGE_SILENT');
    assert.deepEqual(archivedOf(tools, { firstSeenMs: new Map() }), [], 'and none whose age is unknown');
  });

  it('is no tool that is used without a call of its own', () => {
    const reconcile = { tool: 'find', arguments: {}, done: 'true', failedAfterMs: 0, tellAnswer: false };
    const versionCheck = { argument: 'etag', read: { tool: 'look', arguments: {} } };
    const tools = [
      toolOf('pay', { effect: 'write', reconcile, versionCheck, successor: 'pay_next' }),
      ...['busy', 'find', 'look', 'pay_next', 'idle'].map((name) => toolOf(name)),
      toolOf('idle', { version: '2', visibility: 'hidden' }),
    ];
    const rollouts = [{ name: 'r', tool: 'idle', version: '2' }];
    assert.deepEqual(archivedOf(tools, {}, rollouts), ['idle@1', 'pay@1']);
    const archivedPay = toolOf('pay', { effect: 'write', reconcile, visibility: 'archived' });
    assert.deepEqual(archivedOf([archivedPay, toolOf('busy'), toolOf('find')]), ['find@1'], 'once its namer is gone');
  });

  it('is no tool whose manifest says that it stays', () => {
    assert.deepEqual(archivedOf([toolOf('busy'), toolOf('rescue', { archiveUnused: false })]), []);
  });

  it('is a few at a time, the oldest first', () => {
    const tools = Array.from({ length: limits.toolsArchivedAtOnce + 3 }, (_, at) => toolOf(`idle_${at}`));
    const firstSeenMs = new Map(tools.map(({ name }, at) => [`${name}@1`, nowMs - (40 + at) * day]));
    const verdict = toolsToArchive(tools, [], windowOf(tools, { firstSeenMs }));
    assert.deepEqual([verdict.tools.length, verdict.later], [limits.toolsArchivedAtOnce, 3]);
    assert.equal(verdict.tools[0]?.name, `idle_${tools.length - 1}`);
  });
});
