import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ArgumentStyle, HttpBinding } from '@toolfleet/kernel';
import { upstreamOf } from '../executor.fixture.js';
import { httpCallOf } from './http-call.js';

function request(args: Record<string, unknown>, binding: Partial<HttpBinding>) {
  const whole: HttpBinding = { upstream: 'shop', method: 'GET', path: '/', query: [], body: 'none', ...binding };
  const { url, body } = httpCallOf(upstreamOf('http://shop/api/'), whole, args);
  return [url.replace('http://shop', ''), body];
}

describe('httpCallOf', () => {
  it('uses every argument once: path, then query, then body', () => {
    const binding = { path: '/orders/{id}', query: ['limit', 'tag', 'absent'], body: 'arguments' } as const;
    const args = { id: 'W1', limit: 5, tag: ['a b', 'c&d'], note: 'é', more: { x: [1] } };
    assert.deepEqual(request(args, binding), [
      '/api/orders/W1?limit=5&tag=a+b&tag=c%26d',
      '{"note":"é","more":{"x":[1]}}',
    ]);
  });

  it('percent-encodes what would leave its place in the path', () => {
    const of = (id: string) => request({ id }, { path: '/orders/{id}/lines' })[0];
    assert.equal(of('a/b?c#d\\e'), '/api/orders/a%2Fb%3Fc%23d%5Ce/lines');
    assert.equal(of('../x'), '/api/orders/..%2Fx/lines');
    assert.equal(of('%2e%2e'), '/api/orders/%252e%252e/lines');
    assert.equal(of('é\r\n'), '/api/orders/%C3%A9%0D%0A/lines');
  });

  it('refuses names that choose another resource: dots, nothing, half a character, none at all', () => {
    for (const id of ['.', '..', '', '\ud800', undefined]) {
      assert.throws(() => request({ id }, { path: '/orders/{id}' }), { kind: 'invalid', details: { sent: 'no' } });
    }
    const pair = { path: '/orders/{a}{b}/x' };
    assert.throws(() => request({ a: '.', b: '.' }, pair), { reason: 'PATH_PARAMETER_INVALID' });
    assert.equal(request({ a: '.', b: 'b' }, pair)[0], '/api/orders/.b/x');
  });

  it('sends no body when the binding has none', () => {
    assert.deepEqual(request({ a: 1 }, {}), ['/api/', undefined]);
  });

  it('writes lists and objects in the query as their style says', () => {
    const of = (style: ArgumentStyle, value: unknown) =>
      request({ a: value }, { query: ['a'], styles: { a: style } })[0];
    assert.equal(of('comma', [1, 'x,y']), '/api/?a=1%2Cx%2Cy');
    assert.equal(of('space', [1, 2]), '/api/?a=1+2');
    assert.equal(of('pipe', [1, 2]), '/api/?a=1%7C2');
    assert.equal(of('deep', { x: 1, 'y&': 'z' }), '/api/?a%5Bx%5D=1&a%5By%26%5D=z');
    assert.equal(of('spread', { x: 1, y: true }), '/api/?x=1&y=true');
    assert.equal(of('json', [1, { x: 2 }]), '/api/?a=%5B1%2C%7B%22x%22%3A2%7D%5D');
    assert.equal(of('comma', []), '/api/');
  });

  it('gives arguments the names that the upstream knows', () => {
    const binding = { query: ['tags'], body: 'arguments', names: { tags: 'tags[]', id_body: 'id' } } as const;
    assert.deepEqual(request({ tags: ['a', 'b'], id_body: 1, toString: 2 }, binding), [
      '/api/?tags%5B%5D=a&tags%5B%5D=b',
      '{"id":1,"toString":2}',
    ]);
  });

  it('sends a body that is one argument, of any type, and none where it is absent', () => {
    const binding = { body: 'arguments', bodyArgument: 'body' } as const;
    assert.equal(request({ body: [1, 2] }, binding)[1], '[1,2]');
    assert.equal(request({ body: null }, binding)[1], 'null');
    assert.equal(request({}, binding)[1], undefined);
  });

  it('writes a form, URL-encoded', () => {
    assert.equal(request({ a: 'x&y', b: [1, 2] }, { body: 'form' })[1], 'a=x%26y&b=1&b=2');
  });

  it('puts arguments in headers, and refuses one that could begin another header', () => {
    const binding = {
      headers: ['trace', 'ids', 'absent'],
      names: { trace: 'X-Trace' },
      styles: { ids: 'comma' },
    } as const;
    const whole: HttpBinding = { upstream: 'shop', method: 'GET', path: '/', query: [], body: 'none', ...binding };
    const of = (trace: string) => httpCallOf(upstreamOf('http://shop'), whole, { trace, ids: [1, 2] }).headers;
    assert.deepEqual(of('t 1'), { 'x-trace': 't 1', ids: '1,2' });
    assert.throws(() => of('t\r\nx-evil: 1'), { reason: 'HEADER_INVALID', details: { sent: 'no' } });
  });
});
