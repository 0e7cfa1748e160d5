import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { argumentLimits, parseArguments } from './arguments.js';

interface Recorded {
  readonly id: string;
  readonly must: 'parse' | 'reject' | 'either';
  readonly text: string;
}

const recorded = readFileSync(
  new URL('../../../platform/fixtures/llm-protocol/json_parsing.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Recorded);

function reasonOf(text: string): string {
  const parsed = parseArguments(text);
  return parsed.ok ? 'ok' : parsed.fault.reason;
}

describe('parseArguments', () => {
  it('parses and rejects every recorded text as recorded', () => {
    assert.equal(recorded.length, 157);
    for (const { id, must, text } of recorded) {
      const reason = reasonOf(text);
      // A text that is valid JSON but no object is refused for that reason, not as broken JSON.
      if (must === 'parse') assert.equal(reason, text.trim().startsWith('{') ? 'ok' : 'ARGUMENTS_NOT_AN_OBJECT', id);
      if (must === 'reject') assert.equal(reason, 'ARGUMENTS_NOT_JSON', id);
    }
  });

  it('parses the same texts inside an object', () => {
    for (const { id, must, text } of recorded.filter(({ id }) => !id.includes('structure'))) {
      const reason = reasonOf(`{"a":${text}}`);
      if (must === 'parse') assert.equal(reason, 'ok', id);
      if (must === 'reject') assert.equal(reason, 'ARGUMENTS_NOT_JSON', id);
    }
  });

  it('takes no text at all for an empty object', () => {
    assert.deepEqual(parseArguments(''), { ok: true, value: {} });
    assert.equal(reasonOf(' '), 'ARGUMENTS_NOT_JSON');
  });

  it('keeps the last of two equal keys', () => {
    assert.deepEqual(parseArguments('{"a":1,"a":2}'), { ok: true, value: { a: 2 } });
  });

  it('refuses keys that reach a prototype, at any depth, and leaves every prototype alone', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      assert.equal(reasonOf(`{"${key}":{"polluted":true}}`), 'ARGUMENTS_KEY_FORBIDDEN');
      assert.equal(reasonOf(`{"a":[{"b":{"${key}":1}}]}`), 'ARGUMENTS_KEY_FORBIDDEN');
    }
    assert.equal(reasonOf('{"\\u005f_proto__":1}'), 'ARGUMENTS_KEY_FORBIDDEN');
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('refuses numbers that would change on the way', () => {
    assert.equal(reasonOf('{"a":1e999}'), 'ARGUMENTS_NUMBER_RANGE');
    assert.equal(reasonOf('{"order":[9007199254740993]}'), 'ARGUMENTS_NUMBER_RANGE');
    assert.equal(reasonOf('{"order":"9007199254740993"}'), 'ok');
    assert.equal(reasonOf('{"a":9007199254740991,"b":1.0e+28,"c":0.1234567890123456789}'), 'ok');
  });

  it('keeps its limits on size, depth and members', () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    assert.equal(reasonOf(nested(argumentLimits.depthMax)), 'ok');
    assert.equal(reasonOf(nested(argumentLimits.depthMax + 1)), 'ARGUMENTS_TOO_DEEP');
    assert.equal(reasonOf(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), 'ARGUMENTS_TOO_DEEP');
    assert.equal(reasonOf(`{"a":"${'ü'.repeat(argumentLimits.bytesMax / 2)}"}`), 'ARGUMENTS_TOO_LARGE');
    assert.equal(reasonOf(`{"a":[${'1,'.repeat(argumentLimits.membersMax)}1]}`), 'ARGUMENTS_TOO_MANY');
  });

  it('says what to write instead', () => {
    const parsed = parseArguments('{"city": "Par');
    assert.ok(!parsed.ok);
    assert.deepEqual([parsed.fault.kind, parsed.fault.hint], ['invalid', 'Write one complete JSON object.']);
  });
});
