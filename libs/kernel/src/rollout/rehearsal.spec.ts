import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ToolSpec } from '../catalog/manifest.js';
import type { RehearsalAnswers } from './rehearsal.js';
import { compatibilityChecks, guardCheck, lastStepAtMs, rehearsalChecks } from './rehearsal.js';
import type { RolloutSpec } from './rollout.js';
import { placeOf } from './rollout.js';

const rollout: RolloutSpec = {
  ...{ name: 'search-2', tool: 'search', version: '2', tenants: ['acme'], startsAtMs: 1_000 },
  steps: [
    { percent: 10, minutes: 1 },
    { percent: 50, minutes: 2 },
  ],
};
const sessions = Array.from({ length: 1_000 }, (_, at) => ({
  tenant: at % 2 === 0 ? 'acme' : 'globex',
  sessionId: `s-${at}`,
}));
const at = (percent: number) =>
  sessions.map((session) => {
    const isIn = session.tenant === 'acme' && placeOf(rollout.name, session.sessionId) < percent;
    return { ...session, version: isIn ? '2' : '1' };
  });
const right: RehearsalAnswers = {
  ...{ before: at(0), firstStep: at(10), lastStep: at(50), again: at(50), after: at(0) },
  versionsAfter: [
    { version: '1', standing: 'offered' },
    { version: '2', standing: 'hidden' },
  ],
};
const failedOf = (over: Partial<RehearsalAnswers>) =>
  rehearsalChecks(rollout, { ...right, ...over }).flatMap(({ check, result }) => (result === 'failed' ? [check] : []));

describe('a rehearsal', () => {
  it('passes where shares are due, answers repeat, sessions go back and keep what they have', () => {
    assert.deepEqual(failedOf({}), []);
    assert.equal(lastStepAtMs(rollout), 61_000);
  });

  it('fails where any session would not go back to what it had', () => {
    const stuck = right.after.map((one, index) => (index === 500 ? { ...one, version: '2' } : one));
    assert.deepEqual(failedOf({ after: stuck }), ['a rollback goes back']);
  });

  it('fails where a share is not what is due, or others try the version', () => {
    assert.deepEqual(failedOf({ firstStep: at(50) }), ['the first step is its share']);
    assert.deepEqual(failedOf({ firstStep: at(0), lastStep: at(0), again: at(0) }), [
      'the first step is its share',
      'the last step is its share',
    ]);
    const everybody = right.lastStep.map((one) => (one.tenant === 'globex' ? { ...one, version: '2' } : one));
    assert.deepEqual(failedOf({ lastStep: everybody, again: everybody }), ['nobody else tries it']);
  });

  it('fails where an answer does not repeat, or a growing share loses somebody', () => {
    const other = right.lastStep.map((one) => ({ ...one, version: one.version === '2' ? '1' : '1' }));
    assert.deepEqual(failedOf({ again: other }), ['answers repeat']);
    const first = right.firstStep.find(({ version }) => version === '2')!.sessionId;
    const lost = right.lastStep.map((one) => (one.sessionId === first ? { ...one, version: '1' } : one));
    assert.deepEqual(failedOf({ lastStep: lost, again: lost }), ['a growing share keeps whom it has']);
  });

  it('fails where sessions that have the version would lose it', () => {
    for (const standing of ['archived', 'sunset'] as const) {
      assert.deepEqual(failedOf({ versionsAfter: [{ version: '2', standing }] }), ['sessions under way keep it']);
    }
    assert.deepEqual(failedOf({ versionsAfter: [] }), ['sessions under way keep it']);
  });

  it('notes calls of one version that do not fit the other, and a rollout without guard', () => {
    const toolOf = (version: string, required: readonly string[]): ToolSpec => ({
      ...{ name: 'search', version, owner: 't', description: '', toolClass: 'read', effect: 'read' },
      ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin' },
      parameters: { type: 'object', required, properties: { a: { type: 'string' } } },
    });
    const results = (one: ToolSpec, other: ToolSpec) => compatibilityChecks(one, other).map(({ result }) => result);
    assert.deepEqual(results(toolOf('1', []), toolOf('2', [])), ['passed', 'passed']);
    assert.deepEqual(results(toolOf('1', []), toolOf('2', ['a'])), ['noted', 'passed']);
    assert.deepEqual(results(toolOf('1', ['a']), toolOf('2', [])), ['passed', 'noted']);
    assert.equal(guardCheck({ guard: undefined }).result, 'noted');
    assert.match(guardCheck({ guard: { errorTimes: 2, latencyTimes: 3, callsMin: 50 } }).detail, /50 calls.* 3 times/);
  });
});
