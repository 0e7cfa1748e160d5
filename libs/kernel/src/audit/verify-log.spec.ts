import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { digestOf } from '../ids.js';
import { entriesOf, logOf, recordOf, keyOf, signer, tenant } from './audit.fixture.js';
import { auditSignerOf } from './checkpoint.js';
import { entryOf, placed } from './entry.js';
import { checkpointLine, entryLine, headerLine } from './log-lines.js';
import type { LogReport } from './verify-log.js';
import { AuditLogVerifier } from './verify-log.js';

function verified(log: string | Buffer, options: { after?: number } = {}, keys = [signer.publicKey]): LogReport {
  const verifier = new AuditLogVerifier(keys, options);
  let bytes = Buffer.from(log);
  for (;;) {
    const end = bytes.indexOf('\n');
    if (end < 0) return verifier.end({ cut: bytes.byteLength > 0 });
    verifier.line(bytes.subarray(0, end));
    bytes = bytes.subarray(end + 1);
  }
}

const entries = entriesOf(6);
const lines = logOf(entries, [3, 6]);
const whole = lines.join('');
const problemsOf = (log: string) => verified(log).problems.map(({ line, problem }) => `${line} ${problem}`);
const without = (...gone: number[]) => lines.filter((_, at) => !gone.includes(at)).join('');

describe('a log as it was exported', () => {
  test('verifies, and says up to where it is signed', () => {
    const { ok, firstSeq, lastSeq, entries: count, checkpoints, signedSeq, unsignedTail } = verified(whole);
    assert.deepEqual([ok, firstSeq, lastSeq, count, checkpoints, signedSeq, unsignedTail], [true, 1, 6, 6, 2, 6, 0]);
  });

  test('says nothing of who a person is, unless it carries the keys', () => {
    const plain = digestOf('{"order":0}');
    assert.ok(!whole.includes('ada@'));
    assert.ok(!whole.includes(Buffer.from(plain).toString('hex')));
    assert.ok(verified(logOf(entries, [6], true).join('')).ok);
  });

  test('may end behind its last checkpoint: that tail is counted, and nobody vouches for it', () => {
    const { ok, signedSeq, unsignedTail } = verified(lines.slice(0, -1).join(''));
    assert.deepEqual([ok, signedSeq, unsignedTail], [true, 3, 3]);
  });
});

describe('a log that is not as it was exported', () => {
  test('is found out by a flipped bit in any byte, with the keys of what is sealed and without', () => {
    for (const open of [false, true]) {
      const bytes = Buffer.from(logOf(entriesOf(2), [2], open).join(''));
      for (let at = 0; at < bytes.byteLength; at += 1) {
        // The lowest bit makes the nearest character of it, another one of the others.
        for (const bit of new Set([1, 1 << (at % 8)])) {
          const changed = Buffer.from(bytes);
          changed[at]! ^= bit;
          assert.equal(
            verified(changed).ok,
            false,
            `byte ${at}, bit ${bit}: ${changed.subarray(Math.max(0, at - 20), at + 20)}`,
          );
        }
      }
    }
  });

  test('is found out by any byte that is put in, taken out or changed', () => {
    const bytes = Buffer.from(whole);
    const edit = fc.tuple(fc.nat(bytes.byteLength - 1), fc.constantFrom('in', 'out', 'other'), fc.nat(255));
    fc.assert(
      fc.property(edit, ([at, how, value]) => {
        if (how === 'other' && bytes[at] === value) return;
        const put = how === 'out' ? [] : [value];
        const rest = bytes.subarray(how === 'in' ? at : at + 1);
        const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from(put), rest]);
        // Putting in the byte that stands there, or one behind the end of the log, changes nothing that is said.
        if (!changed.equals(bytes)) assert.equal(verified(changed).ok, false);
      }),
      { numRuns: 500 },
    );
  });

  test('names the entries that are missing', () => {
    assert.deepEqual(problemsOf(without(2)), ['3 Entry 2 is missing before entry 3.']);
    assert.deepEqual(problemsOf(without(1, 2)).slice(0, 1), ['2 Entries 1 to 2 are missing before entry 3.']);
  });

  test('names an entry that stands elsewhere, twice, or between two others', () => {
    const swapped = [...lines];
    [swapped[1], swapped[2]] = [swapped[2]!, swapped[1]!];
    assert.equal(verified(swapped.join('')).ok, false);
    const twice = lines.flatMap((line, at) => (at === 2 ? [line, line] : [line])).join('');
    assert.deepEqual(problemsOf(twice), ['4 Entry 2 stands behind entry 2.']);
    const { text } = entryOf(recordOf(9), 'another', keyOf, () => Buffer.alloc(12));
    const [forged] = placed(tenant, { seq: 2, hash: entries[1]!.hash }, [{ ...entries[2]!, text }]).entries;
    const put = entryLine(3, entries[1]!.hash, forged!.hash, text.toString());
    const inserted = [...lines.slice(0, 3), put, ...lines.slice(3)].join('');
    assert.deepEqual(problemsOf(inserted), ['5 Entry 3 stands behind entry 3.']);
  });

  test('cannot be written anew from some entry on: the next checkpoint signs another', () => {
    const { text } = entryOf(recordOf(1, { tool: 'get_user' }), recordOf(1).id!, keyOf, () => Buffer.alloc(12));
    const others = entries.map((entry, at) => (at === 1 ? { ...entry, text } : entry));
    const rewritten = placed(tenant, { seq: 0, hash: Buffer.alloc(32) }, others).entries;
    const [, ...own] = logOf(rewritten, []);
    const forged = [lines[0]!, ...own.slice(0, 3), lines[4]!, ...own.slice(3), lines[8]!].join('');
    assert.deepEqual(problemsOf(forged), [
      '5 The checkpoint at 3 signs another entry than the one before it.',
      '9 The checkpoint at 6 signs another entry than the one before it.',
      '9 Nothing of the log is signed.',
    ]);
  });

  test('is not taken when another key signed it, or none', () => {
    const other = auditSignerOf(digestOf('another seed'));
    assert.equal(verified(whole, {}, [other.publicKey]).ok, false);
    assert.equal(verified(without(4, 8)).ok, false);
  });

  test('is not taken for another tenant', () => {
    assert.equal(verified(whole.replace('"tenant":"acme"', '"tenant":"globex"')).ok, false);
  });

  test('is found out when its end is cut off within a line', () => {
    assert.equal(verified(whole.slice(0, -1)).ok, false);
  });
});

describe('a log that does not begin with the first entry', () => {
  const rest = (): string => lines.slice(5).join('');

  test('verifies only for a reader who has what came before', () => {
    const log = headerLine(tenant, 3) + rest();
    assert.equal(verified(log, { after: 3 }).ok, true);
    assert.equal(verified(log).ok, false);
    assert.equal(verified(log, { after: 2 }).ok, false);
    assert.equal(verified(headerLine(tenant, 2) + rest(), { after: 2 }).ok, false);
  });

  test('verifies when a signature says that what came before was to be deleted', () => {
    const { seq, hash } = entries[2]!;
    const beginning = checkpointLine(signer.checkpoint(tenant, { kind: 'truncated', seq, hash, atMs: 1 }));
    assert.equal(verified(headerLine(tenant, 0) + beginning + rest()).ok, true);
    const signed = checkpointLine(signer.checkpoint(tenant, { kind: 'head', seq, hash, atMs: 1 }));
    assert.equal(verified(headerLine(tenant, 0) + signed + rest()).ok, false);
    assert.equal(verified(headerLine(tenant, 0) + beginning + lines.slice(6).join('')).ok, false);
  });
});
