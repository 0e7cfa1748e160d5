import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendFailureOf } from './failures.js';

const protocolError = (type: string, cause?: unknown) =>
  Object.assign(new Error('text that nobody reads', { cause }), { type });

test('a batch is repeated as it is for everything that is not its own fault', () => {
  for (const error of [
    new Error('socket'),
    protocolError('NOT_LEADER_FOR_PARTITION'),
    protocolError('SOMETHING_NEW'),
  ]) {
    assert.equal(sendFailureOf(error).blame, 'bus');
    assert.equal(sendFailureOf(error).fault.kind, 'unreachable');
  }
});

test('the code is found however deep the client wraps it', () => {
  const wrapped = new Error('outer', { cause: new Error('middle', { cause: protocolError('MESSAGE_TOO_LARGE') }) });
  const { blame, fault } = sendFailureOf(wrapped);
  assert.deepEqual([blame, fault.kind, fault.reason], ['record', 'invalid', 'RECORD_TOO_LARGE']);
});

test('of several partitions that failed, the one at fault decides, whatever name its client gives the code', () => {
  const innocent = Object.assign(new Error('p0'), { apiId: 'NOT_LEADER_OR_FOLLOWER' });
  const guilty = Object.assign(new Error('p1'), { apiId: 'MESSAGE_TOO_LARGE' });
  const { blame, fault } = sendFailureOf(new AggregateError([innocent, new AggregateError([guilty])]));
  assert.deepEqual([blame, fault.reason], ['record', 'RECORD_TOO_LARGE']);
});

test('an error that names itself as its cause ends the search', () => {
  const error = new Error('circle');
  error.cause = error;
  assert.equal(sendFailureOf(error).blame, 'bus');
});

test('trouble with sequence numbers asks for a new producer id', () => {
  assert.equal(sendFailureOf(protocolError('OUT_OF_ORDER_SEQUENCE_NUMBER')).blame, 'producer');
});

test('a topic that is not there is the fault of its records alone', () => {
  const { blame, fault } = sendFailureOf(protocolError('UNKNOWN_TOPIC_OR_PARTITION'));
  assert.deepEqual([blame, fault.kind, fault.reason], ['topic', 'missing', 'TOPIC_MISSING']);
});
