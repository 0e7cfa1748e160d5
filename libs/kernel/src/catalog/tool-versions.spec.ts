import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Manifest, ToolSpec } from './manifest.js';
import { Catalogue, toolVisibilities } from './manifest.js';
import {
  compareVersions,
  currentTools,
  entryNameOf,
  identityOf,
  toolOf,
  toolVersionOf,
  withVersionsMarked,
} from './tool-versions.js';

const toolOfVersion = (name: string, version: string, over: Partial<ToolSpec> = {}): Manifest => ({
  kind: 'Tool',
  spec: {
    ...{ name, version, owner: 't', description: '', parameters: {}, toolClass: 'read', effect: 'read' },
    ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 1 }, driver: 'builtin', ...over },
  },
});
const catalogueOf = (...manifests: readonly Manifest[]): Catalogue => {
  const catalogue = new Catalogue();
  for (const manifest of withVersionsMarked(manifests)) catalogue.put(manifest);
  return catalogue;
};
const version = fc.stringMatching(/^[0-9]{1,3}(\.[0-9a-z]{1,3}){0,2}(-beta)?$/);

describe('versions of a tool', () => {
  it('are ordered by their numbers', () => {
    const ordered = ['1', '1.2', '1.10', '2-beta', '2', '2.0', '9', '10', '2026.11.27'];
    assert.deepEqual(ordered.toReversed().toSorted(compareVersions), ordered);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
        assert.equal(compareVersions(a, b) === 0, a === b);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
      }),
    );
  });

  it('have one that is current in each name, an offered one where there is any, whatever their order', () => {
    const some = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b'),
        version: fc.constantFrom('1', '2', '10'),
        visibility: fc.option(fc.constantFrom(...toolVisibilities), { nil: undefined }),
      }),
      { selector: (one) => `${one.name}@${one.version}` },
    );
    fc.assert(
      fc.property(some, (all) => {
        const manifests = all.map(({ name, version: of, visibility }) => toolOfVersion(name, of, { visibility }));
        const marked = withVersionsMarked(manifests);
        assert.deepEqual(marked.map(identityOf), manifests.map(identityOf));
        assert.equal(new Set(marked.map(entryNameOf)).size, all.length);
        const chosen = (of: readonly Manifest[]) =>
          currentTools(catalogueOf(...of)).map((tool) => identityOf({ kind: 'Tool', spec: tool }));
        assert.deepEqual(chosen(manifests).toSorted(), chosen(manifests.toReversed()).toSorted());
        for (const tool of currentTools(catalogueOf(...manifests))) {
          const others = all.filter(({ name }) => name === tool.name);
          const offered = others.filter(({ visibility = 'offered' }) => visibility === 'offered');
          const best = (offered.length > 0 ? offered : others).map((one) => one.version).toSorted(compareVersions);
          assert.equal(tool.version, best.at(-1));
        }
      }),
    );
  });

  it('are kept by a session as long as they are there and may be called, then it has the current one', () => {
    const two = toolOfVersion('search', '2');
    const shown = (one: Partial<ToolSpec>, of: string | undefined, nowMs = 0) =>
      toolOf(catalogueOf(two, toolOfVersion('search', '1', one)), 'search', of, nowMs)?.version;
    assert.deepEqual([shown({}, '1'), shown({}, '2'), shown({}, undefined), shown({}, '')], ['1', '2', '2', '2']);
    assert.equal(shown({}, '7'), '2');
    assert.equal(shown({ visibility: 'archived' }, '1'), '2');
    assert.deepEqual([shown({ sunsetAtMs: 5 }, '1', 4), shown({ sunsetAtMs: 5 }, '1', 5)], ['1', '2']);
    assert.equal(toolOf(new Catalogue(), 'search', '1', 0), undefined);
  });

  it('are each found by name and version, also when neither is offered', () => {
    const hidden = { visibility: 'hidden' } as const;
    const catalogue = catalogueOf(toolOfVersion('search', '1', hidden), toolOfVersion('search', '2', hidden));
    assert.equal(toolVersionOf(catalogue, 'search', '1')?.version, '1');
    assert.equal(toolVersionOf(catalogue, 'search', '2')?.version, '2');
    assert.equal(toolVersionOf(catalogue, 'search', '3'), undefined);
    assert.equal(catalogue.get('Tool', 'search')?.version, '2');
  });
});
