/** Random bytes that seal and wrap, drawn for many at once, because each call for some costs a microsecond. */
import { randomFillSync } from 'node:crypto';
import { sealNonceBytes } from '@toolfleet/kernel';

const pool = Buffer.alloc(sealNonceBytes * 256);
let taken = pool.byteLength;

export function auditNonce(): Buffer {
  if (taken === pool.byteLength) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += sealNonceBytes;
  return Buffer.from(pool.subarray(taken - sealNonceBytes, taken));
}
