/**
 * CRC-32C (Castagnoli), the checksum of a batch of records. Node has only the other polynomial. Eight bytes a round through
 * eight tables ("slicing by 8", Kounavis and Berry 2005): twice as fast as a byte a round.
 */
const polynomial = 0x82f63b78;

/** `tables[n][byte]`: what a byte does to the sum when `n` more bytes follow it in the round. */
const tables = tablesOf();

function tablesOf(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    return sum;
  });
  const all = [first];
  for (let last = first; all.length < 8; all.push(last)) {
    last = last.map((sum) => (sum >>> 8) ^ first[sum & 0xff]!);
  }
  return all;
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Of the bytes from `start` to before `end`, as an unsigned integer. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let sum = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = sum ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    sum =
      t7[low & 0xff]! ^
      t6[(low >>> 8) & 0xff]! ^
      t5[(low >>> 16) & 0xff]! ^
      t4[low >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < end; at += 1) sum = t0[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
