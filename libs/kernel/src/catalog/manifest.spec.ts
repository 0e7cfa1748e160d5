import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Catalogue, globMatches } from './manifest.js';

describe('globMatches', () => {
  it('takes a star for any run of characters and the rest literally', () => {
    const matching = [
      ['*', ''],
      ['*', 'x'],
      ['get_*', 'get_order'],
      ['*_order', 'get_order'],
      ['a*b*c', 'a1b2b3c'],
      ['a**b', 'ab'],
      ['a.c', 'a.c'],
    ];
    const failing = [
      ['', 'x'],
      ['get_*', 'xget_order'],
      ['ab*ba', 'aba'],
      ['a*b*c', 'acb'],
      ['a.c', 'abc'],
      ['get', 'get_order'],
    ];
    for (const [glob, text] of matching) assert.ok(globMatches(glob!, text!), `${glob} ${text}`);
    for (const [glob, text] of failing) assert.ok(!globMatches(glob!, text!), `${glob} ${text}`);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    fc.assert(
      fc.property(glob, text, (pattern, subject) => {
        const regExp = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        assert.equal(globMatches(pattern, subject), regExp.test(subject));
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays fast on globs made to be slow', () => {
    const startedMs = performance.now();
    globMatches(`${'a*'.repeat(30)}b`, 'a'.repeat(100_000));
    assert.ok(performance.now() - startedMs < 1_000);
  });
});

describe('the catalogue', () => {
  it('replaces by kind and name, and its revision grows with every change only', () => {
    const catalogue = new Catalogue();
    const policy = (name: string) => ({ kind: 'Policy', spec: { name, rules: [] } }) as const;
    catalogue.put(policy('a'));
    catalogue.put(policy('a'));
    assert.deepEqual([catalogue.all('Policy').length, catalogue.revision], [1, 2]);
    catalogue.remove('Policy', 'no such');
    assert.equal(catalogue.revision, 2);
    catalogue.remove('Policy', 'a');
    assert.deepEqual([catalogue.get('Policy', 'a'), catalogue.revision], [undefined, 3]);
  });
});
