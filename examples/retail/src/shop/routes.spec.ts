import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from './operations.js';
import { Routes } from './routes.js';

const routes = new Routes(operations);

test('an id in the path is percent-decoded', () => {
  const { operation, pathArguments } = routes.match('GET', '/orders/%23W2378156');
  assert.equal(operation.name, 'get_order_details');
  assert.deepEqual(pathArguments, { order_id: '#W2378156' });
});

test('a slash inside an id does not split the path', () => {
  assert.deepEqual(routes.match('GET', '/users/a%2Fb').pathArguments, { user_id: 'a/b' });
});

test('an unknown path, an unknown method and broken encoding are told apart', () => {
  assert.throws(() => routes.match('GET', '/nothing'), { reason: 'PATH_NOT_FOUND' });
  assert.throws(() => routes.match('GET', '/orders/'), { reason: 'PATH_NOT_FOUND' });
  assert.throws(() => routes.match('DELETE', '/orders/1'), { reason: 'METHOD_NOT_ALLOWED' });
  assert.throws(() => routes.match('GET', '/orders/%E0%A4%A'), { reason: 'PATH_INVALID' });
});

test('no two operations share a method and a path', () => {
  const places = operations.map((operation) => `${operation.effect} ${operation.path}`);
  assert.equal(new Set(places).size, 16);
});
