import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import type { RolloutSpec } from './rollout.js';
import { percentAt, placeOf, versionGiven } from './rollout.js';

const toolOf = (version: string, over: Partial<ToolSpec> = {}): ToolSpec => ({
  ...{ name: 'search', version, owner: 't', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
  ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
});
const minute = 60_000;
const rollout: RolloutSpec = {
  ...{ name: 'search-2', tool: 'search', version: '2', tenants: ['*'], startsAtMs: 1_000 },
  steps: [
    { percent: 5, minutes: 10 },
    { percent: 50, minutes: 20 },
    { percent: 100, minutes: 1 },
  ],
  guard: { errorTimes: 2, callsMin: 20 },
};
const current = toolOf('1');

function catalogueWith(over: Partial<RolloutSpec> = {}, canary: Partial<ToolSpec> = {}): Catalogue {
  const catalogue = new Catalogue();
  catalogue.put({ kind: 'Tool', spec: current });
  catalogue.put({ kind: 'Tool', spec: toolOf('2', { beside: true, visibility: 'hidden', ...canary }) });
  catalogue.put({ kind: 'Rollout', spec: { ...rollout, ...over } });
  return catalogue;
}
const given = (catalogue: Catalogue, sessionId: string, nowMs: number, tenant = 'acme', isHeldBack = () => false) =>
  versionGiven(current, { sessionId, tenant }, catalogue, nowMs, isHeldBack);

describe('a rollout', () => {
  it('goes from step to step and stays at the last', () => {
    const at = (minutes: number) => percentAt(rollout, 1_000 + minutes * minute);
    assert.deepEqual([at(-0.1), at(0), at(9.9), at(10), at(29.9), at(30), at(1_000)], [0, 5, 5, 50, 50, 100, 100]);
  });

  it('gives each session the same answer, in about the share that is due, and keeps whom it has', () => {
    const catalogue = catalogueWith();
    const ids = Array.from({ length: 2_000 }, (_, at) => `session-${at}`);
    const inAt = (minutes: number) => ids.filter((id) => given(catalogue, id, 1_000 + minutes * minute) === '2');
    const [few, half, all] = [inAt(0), inAt(15), inAt(31)];
    assert.ok(few.length > 60 && few.length < 140 && Math.abs(half.length - 1_000) < 100);
    assert.ok(few.every((id) => half.includes(id)));
    assert.deepEqual([all.length, inAt(0)], [ids.length, few]);
    fc.assert(fc.property(fc.string(), fc.string(), (name, id) => placeOf(name, id) >= 0 && placeOf(name, id) < 100));
  });

  it('is for the tenants that it names, and for none once it is taken back, archived, past its sunset or gone', () => {
    const late = 1_000 + 60 * minute;
    assert.equal(given(catalogueWith(), 's', late), '2');
    assert.deepEqual(
      ['acme', 'globex'].map((tenant) => given(catalogueWith({ tenants: ['glob*'] }), 's', late, tenant)),
      ['1', '2'],
    );
    assert.equal(
      given(catalogueWith(), 's', late, 'acme', () => true),
      '1',
    );
    assert.equal(given(catalogueWith({}, { visibility: 'archived' }), 's', late), '1');
    assert.equal(given(catalogueWith({}, { sunsetAtMs: late }), 's', late), '1');
    assert.equal(given(catalogueWith({ version: '3' }), 's', late), '1');
    assert.equal(given(catalogueWith({ tool: 'other' }), 's', late), '1');
  });
});
