import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertNever } from './assert.js';
import {
  broken,
  chainOf,
  denied,
  Fault,
  faultKinds,
  faultOf,
  grpcStatusOf,
  httpStatusOf,
  isFault,
  onTheBus,
  retryOf,
  unreachable,
} from './fault.js';

describe('a fault', () => {
  it('has a place in every table, whatever its kind', () => {
    for (const table of [retryOf, onTheBus, grpcStatusOf, httpStatusOf]) {
      assert.deepEqual(Object.keys(table).toSorted(), [...faultKinds].toSorted());
    }
  });

  it('is redone on the bus exactly when trying again can help', () => {
    for (const kind of faultKinds) {
      assert.equal(onTheBus[kind] === 'redo', new Fault(kind, 'WHY', 'Because.').retryable, kind);
    }
  });

  it('has a gRPC status of its own', () => {
    assert.equal(new Set(Object.values(grpcStatusOf)).size, faultKinds.length);
  });

  it('is what anything thrown becomes: a stranger is our bug', () => {
    const fault = unreachable('DOWN', 'Away.');
    assert.equal(faultOf(fault), fault);
    for (const stranger of [new Error('boom'), 'text', undefined, null, 7]) {
      assert.equal(faultOf(stranger).kind, 'broken');
      assert.doesNotMatch(faultOf(stranger).message, /boom/);
    }
  });

  it('keeps its causes for the log, and ends with a chain that bites its tail', () => {
    const fault = broken('A', 'outer', { cause: unreachable('B', 'inner', { cause: new Error('root') }) });
    assert.deepEqual(chainOf(fault), ['broken/A: outer', 'unreachable/B: inner', 'Error: root']);
    const ring: { cause?: unknown } = {};
    ring.cause = ring;
    assert.equal(chainOf(ring).length, 10);
  });

  it('is thrown for a case that nobody handles', () => {
    assert.throws(
      () => assertNever('new' as never),
      (error) => isFault(error) && error.reason === 'UNHANDLED_CASE',
    );
  });

  it('trouble of our own tells where it began; an answer to a caller needs no stack', () => {
    assert.match(broken('BUG', 'It went wrong.').stack ?? '', /fault\.spec/);
    assert.doesNotMatch(denied('NO', 'You may not.').stack ?? '', /fault\.spec/);
    assert.match(new Error('later').stack ?? '', /fault\.spec/);
  });
});
