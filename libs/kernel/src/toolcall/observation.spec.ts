import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { broken, faultKinds, Fault, overloaded } from '../fault.js';
import type { Observation } from './observation.js';
import { outcomeOf, outcomes, refusalOf, refused, textForModel } from './observation.js';

const ok = (over: Partial<Observation> = {}): Observation => ({
  callId: 'c',
  outcome: 'ok',
  result: Buffer.from('{"total":1}'),
  startedAtMs: 0,
  finishedAtMs: 0,
  resultBytes: 11,
  ...over,
});

describe('an observation', () => {
  it('that is ok is read by the model as the tool wrote it', () => {
    assert.equal(textForModel(ok()), '{"total":1}');
    assert.equal(textForModel(ok({ result: undefined, resultBytes: 0 })), '');
  });

  it('that was cut says how much there is and where', () => {
    assert.match(textForModel(ok({ artifact: 'a1', resultBytes: 9_999 })), /9999 bytes.*a1/);
  });

  it('that is not ok is one JSON object with the same keys whatever ended the call', () => {
    for (const kind of faultKinds) {
      const told = JSON.parse(textForModel(refused('c', new Fault(kind, 'WHY', 'Because.')))) as object;
      assert.deepEqual(Object.keys(told), ['error', 'kind', 'outcome', 'reason', 'retryable', 'hint']);
    }
  });

  it('tells the model what to do instead', () => {
    const fault = overloaded('QUOTA', 'Too many.', { retryAfterMs: 5, hint: 'Wait.', alternatives: ['other'] });
    const told = JSON.parse(textForModel(refused('c', fault))) as Record<string, unknown>;
    assert.deepEqual([told['retryAfterMs'], told['hint'], told['alternatives']], [5, 'Wait.', ['other']]);
  });

  it('never carries the text or the details of our own bugs', () => {
    const fault = broken('BUG', 'secret host', { details: { host: 'db1' }, cause: new Error('stack') });
    assert.doesNotMatch(textForModel(refused('c', fault)), /secret|db1|stack/);
    assert.deepEqual(refusalOf(fault).details, {});
  });

  it('has an outcome for every kind of fault', () => {
    for (const kind of faultKinds) assert.ok(outcomes.includes(outcomeOf[kind]));
  });
});
