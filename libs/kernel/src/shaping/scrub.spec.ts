import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { SecretForms, scrubbed } from './scrub.js';

const token = 'tok/3n+with"quotes and ümlauts==';
const scrub = (text: string | Uint8Array, ...secrets: string[]) =>
  Buffer.from(
    scrubbed(
      Buffer.from(text),
      secrets.map((secret) => new SecretForms(secret)),
    ),
  ).toString();

describe('scrubbed', () => {
  it('leaves an answer without secrets as it is, the very same bytes', () => {
    const bytes = Buffer.from('{"id":"o1","note":"tok/3n+with other words"}');
    assert.equal(scrubbed(bytes, [new SecretForms(token)]), bytes);
  });

  it('finds a secret as it is, in its halves, and as JSON, URLs, base64 and hex write it', () => {
    const bytes = Buffer.from(token);
    const json = JSON.stringify(token).slice(1, -1);
    const forms = [
      ...[token, token.slice(0, 16), token.slice(16), json, json.replaceAll('/', '\\/')],
      ...[encodeURIComponent(token), encodeURIComponent(token).replaceAll(/%../g, (part) => part.toLowerCase())],
      ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    ];
    for (const form of forms) assert.equal(scrub(`Bearer ${form}!`, token), 'Bearer [secret]!', form);
  });

  it('finds it in the base64 of a longer text, wherever it begins there', () => {
    for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
      for (const alphabet of ['base64', 'base64url'] as const) {
        const told = scrub(Buffer.from(`${before}${token}!`).toString(alphabet), token);
        assert.ok(told.includes('[secret]'), told);
        const around = Buffer.from(told.replace('[secret]', ''), alphabet).toString('latin1');
        assert.ok(around.length <= before.length + 4, around);
      }
    }
  });

  it('takes every one of several secrets, also where one holds the other', () => {
    const [long, short] = ['service-account-0123456789', 'account-0123'];
    assert.equal(scrub(`${long} ${short} ${long}${short}`, short, long), '[secret] [secret] [secret][secret]');
  });

  it('leaves values that are found in ordinary words', () => {
    assert.equal(scrub('the password is a word', 'a', 'word', 'is a'), 'the password is a word');
  });

  it('leaves nothing of a secret behind and never grows, whatever stands around it', () => {
    const unit = fc.constantFrom('a', 'b', '/', '"', 'é');
    const text = fc.string({ unit, maxLength: 40 });
    const secret = fc.string({ unit, minLength: 8, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), secret, (parts, hidden) => {
        const whole = parts.join(hidden);
        const told = scrub(whole, hidden);
        assert.ok(!told.includes(hidden));
        assert.ok(Buffer.byteLength(told) <= Buffer.byteLength(whole));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is linear in answers made to be slow', () => {
    const periodic = `${'ab'.repeat(2_000)}c`;
    const startedMs = performance.now();
    scrub('ab'.repeat(2 * 1024 * 1024), periodic);
    assert.ok(performance.now() - startedMs < 2_000);
  });
});
