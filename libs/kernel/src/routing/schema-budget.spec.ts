import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { affordable } from './schema-budget.js';

describe('a budget of schema tokens', () => {
  it('is never passed, loses nothing, and leaves out only what had no room when its turn came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 20 }), fc.nat(200), (sizes, tokensMax) => {
        const items = sizes.map((tokens, at) => ({ at, tokens }));
        const { kept, leftOut } = affordable(items, ({ tokens }) => tokens, tokensMax);
        const sum = (some: readonly { tokens: number }[]) => some.reduce((total, { tokens }) => total + tokens, 0);
        assert.ok(sum(kept) <= tokensMax);
        assert.deepEqual(
          [...kept, ...leftOut].toSorted((a, b) => a.at - b.at),
          items,
        );
        for (const { at, tokens } of leftOut) {
          assert.ok(sum(kept.filter((other) => other.at < at)) + tokens > tokensMax);
        }
      }),
    );
  });
});
