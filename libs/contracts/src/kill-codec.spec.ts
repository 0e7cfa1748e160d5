import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KillSwitch } from '@toolfleet/kernel';
import { decodeKillSwitch, encodeKillSwitch } from './kill-codec.js';

test('a kill switch comes back as it was, whatever it names and however long it lasts', () => {
  const plain = { actor: 'ann', reason: 'it deletes too much', atMs: 1_790_000_000_123, cancelRunning: false };
  const switches: KillSwitch[] = [
    { ...plain, target: {} },
    { ...plain, target: { tool: 'refund', tenant: 'acme' }, expiresAtMs: 1_790_000_000_999 },
    { ...plain, target: { toolClass: 'write' }, cancelRunning: true },
  ];
  for (const one of switches) assert.deepEqual(decodeKillSwitch(encodeKillSwitch(one)), one);
});
