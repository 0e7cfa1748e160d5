import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { GroupAssignment, GroupMemberClaim } from './sticky-assignment.js';
import { assignSticky } from './sticky-assignment.js';

const partitions = (count: number) => Array.from({ length: count }, (_, partition) => partition);
const claimsOf = (assignment: GroupAssignment, topics: readonly string[]): GroupMemberClaim[] =>
  Array.from(assignment, ([id, held]) => ({ id, topics, held }));
const heldIn = (assignment: GroupAssignment, id: string) => assignment.get(id)?.['t'] ?? [];

test('whatever members claim, every partition has one owner and shares differ by at most one', () => {
  const claim = fc.array(fc.nat(20), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(claim, { minLength: 1, maxLength: 6 }), fc.nat(16), (claims, count) => {
      const members = claims.map((held, index) => ({ id: `m${index}`, topics: ['t'], held: { t: held } }));
      const shares = [...assignSticky(members, new Map([['t', partitions(count)]])).values()].map(
        (by) => by['t'] ?? [],
      );
      assert.deepEqual(
        shares.flat().toSorted((a, b) => a - b),
        partitions(count),
      );
      const sizes = shares.map((share) => share.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
    }),
  );
});

test('when a member joins or leaves, no partition moves between the others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 32 }), (size, count) => {
      const topics = new Map([['t', partitions(count)]]);
      const fresh = Array.from({ length: size }, (_, index) => ({ id: `m${index}`, topics: ['t'], held: {} }));
      const before = assignSticky(fresh, topics);
      const joined = assignSticky([...claimsOf(before, ['t']), { id: 'new', topics: ['t'], held: {} }], topics);
      for (const { id } of fresh) {
        for (const partition of heldIn(joined, id)) assert.ok(heldIn(before, id).includes(partition));
      }
      const left = assignSticky(claimsOf(joined, ['t']).slice(1), topics);
      for (const { id } of fresh.slice(1)) {
        for (const partition of heldIn(joined, id)) assert.ok(heldIn(left, id).includes(partition));
      }
    }),
  );
});

test('the remainders of several topics do not pile up on one member', () => {
  const topics = ['a', 'b', 'c', 'd'];
  const members = ['m0', 'm1'].map((id) => ({ id, topics, held: {} }));
  const assignment = assignSticky(members, new Map(topics.map((topic) => [topic, [0]])));
  const totals = [...assignment.values()].map((byTopic) => Object.values(byTopic).flat().length);
  assert.deepEqual(totals, [2, 2]);
});
