import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalogue } from '@toolfleet/kernel';
import { fieldChanges, manifestChanges } from './manifest-changes.js';

const textOf = (before: unknown, after: unknown) =>
  fieldChanges(before, after).map((one) => `${one.path}: ${one.before || '-'} > ${one.after || '-'}`);

test('a change is told at the deepest field that differs, what came and what went with nothing beside it', () => {
  assert.deepEqual(textOf({ a: 1 }, { a: 1 }), []);
  assert.deepEqual(textOf({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }), ['a.c: 2 > 3']);
  assert.deepEqual(textOf({ a: [1, 2] }, { a: [1, 3, 4] }), ['a[1]: 2 > 3', 'a[2]: - > 4']);
  assert.deepEqual(textOf({ a: [{ when: 'x' }] }, { a: [{ when: 'y' }] }), ['a[0].when: "x" > "y"']);
  assert.deepEqual(textOf({ a: 1 }, { b: null }), ['a: 1 > -', 'b: - > null']);
  assert.deepEqual(textOf({ a: [1] }, { a: { 0: 1 } }), ['a: [1] > {"0":1}']);
  assert.deepEqual(textOf({ a: null }, { a: {} }), ['a: null > {}']);
});

test('what is told is bounded, and how much there is in all is told beside it', () => {
  const long = 'x'.repeat(10_000);
  assert.equal(fieldChanges({ a: '' }, { a: long })[0]!.after.length, 501);
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`f${at}`, at]));
  assert.equal(fieldChanges({}, many).length, 50);
  const present = new Catalogue();
  const specs = Array.from({ length: 1_500 }, (_, at) => ({ name: `p${at}`, rules: [], ...many }));
  for (const spec of specs) present.put({ kind: 'Policy', spec: { name: spec.name, rules: [] } });
  const put = specs.map((spec) => ({ kind: 'Policy', spec }) as const);
  const { changes, total } = manifestChanges(present, { put, remove: [{ kind: 'Policy', name: 'gone' }] });
  assert.deepEqual([changes.length, total], [1_000, 1_501]);
  assert.ok(Buffer.byteLength(JSON.stringify(changes)) < 3_000_000);
});

test('changes are told in the order of their names, whatever order they come in', () => {
  const present = new Catalogue();
  for (const name of ['b', 'c']) present.put({ kind: 'Policy', spec: { name, rules: [] } });
  const put = ['d', 'a'].map((name) => ({ kind: 'Policy', spec: { name, rules: [] } }) as const);
  const { changes } = manifestChanges(present, { put, remove: [{ kind: 'Policy', name: 'c' }] });
  assert.deepEqual(
    changes.map(({ name, action }) => `${name} ${action}`),
    ['a added', 'c removed', 'd added'],
  );
});
