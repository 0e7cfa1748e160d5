import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { degraded } from './degraded.js';
import { denied, expired, overloaded, unreachable } from './fault.js';
import { refusalOf, refused, textForModel } from './toolcall/observation.js';

describe('an answer of degraded mode', () => {
  it('says what is degraded, that it may be tried again, when, and what to do', () => {
    const { kind, reason, retryable, retryAfterMs, hint, details } = refusalOf(
      degraded('database', unreachable('DATABASE_UNREACHABLE', 'The database does not answer.')),
    );
    assert.deepEqual([kind, reason, retryable, retryAfterMs], ['unreachable', 'DATABASE_UNREACHABLE', true, 1_000]);
    assert.equal(details['degraded'], 'database');
    assert.ok(hint);
  });

  it('keeps what its source knew better', () => {
    const source = overloaded('BREAKER_OPEN', 'Held back.', {
      ...{ retryAfterMs: 7_000, hint: 'Use the other shop.', alternatives: ['other'], details: { breaker: 'shop' } },
    });
    const said = degraded('model', degraded('upstream', source));
    assert.deepEqual([said.retryAfterMs, said.hint, said.alternatives], [7_000, 'Use the other shop.', ['other']]);
    assert.deepEqual(said.details, { breaker: 'shop', degraded: 'upstream' });
  });

  it('is not made of what can never work, nor of a deadline that passed', () => {
    for (const fault of [denied('FORBIDDEN', 'No.'), expired('DEADLINE_PASSED', 'Late.')]) {
      assert.equal(degraded('upstream', fault), fault);
    }
  });

  it('can be read by the model', () => {
    const text = textForModel(refused('s:1:0', degraded('upstream', overloaded('BREAKER_OPEN', 'Held back.'))));
    const read = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      [read['retryable'], read['retryAfterMs'], read['details']],
      [true, 1_000, { degraded: 'upstream' }],
    );
    assert.match(String(read['hint']), /without this tool/);
  });
});
