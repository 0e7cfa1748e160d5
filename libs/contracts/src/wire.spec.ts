/** All messages are written into one buffer: nothing of one may show in another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditRecordOf } from '@toolfleet/kernel';
import { decodeAuditRecords, encodeAuditRecords } from './audit-codec.js';
import { wireType } from './wire.js';

const recordOf = (tool: string) =>
  auditRecordOf({ tenant: 'acme', atMs: 5, recordedBy: 'policy', actor: 'u', action: 'CALL_JUDGED', tool });
const toolsOf = (bytes: Uint8Array) => decodeAuditRecords(bytes).map(({ tool }) => tool);

describe('messages of one buffer', () => {
  it('keep their bytes when others are encoded after them', () => {
    const encoded = ['a', 'b'.repeat(5_000), 'c'].map((tool) => encodeAuditRecords([recordOf(tool)]));
    assert.deepEqual(encoded.flatMap(toolsOf), ['a', 'b'.repeat(5_000), 'c']);
  });

  it('show nothing of one whose encoding threw', () => {
    const records = wireType('toolfleet.audit.v1.AuditRecords');
    assert.throws(() => records.encode({ records: [recordOf('a'), null] }), TypeError);
    assert.deepEqual(toolsOf(encodeAuditRecords([recordOf('b')])), ['b']);
  });

  it('are one message when they are joined, as far as they are lists', () => {
    const joined = Buffer.concat([encodeAuditRecords([recordOf('a')]), encodeAuditRecords([recordOf('b')])]);
    assert.deepEqual(toolsOf(joined), ['a', 'b']);
  });
});
