/**
 * Text on its way into the database. Postgres keeps neither NUL nor half a surrogate pair, and a key longer than a third of
 * an index page; one such value in a batch would make the server refuse all of it, so each is refused at the door.
 */
import { invalid } from '@toolfleet/kernel';

/** Three ids of this size and their overhead stay below the 2,704 bytes that an index entry may have. */
const idBytesMax = 256;
const textBytesMax = 4_096;
const pageMax = 10_000;

/** Invalid ID_INVALID unless `value` can be a key: 1 to 256 bytes, whole characters, no NUL. */
export function checkId(field: string, value: string): void {
  if (typeof value !== 'string' || value.length === 0 || !fits(value, idBytesMax)) {
    throw invalid('ID_INVALID', `An id must have 1 to ${idBytesMax} bytes, whole characters and no NUL.`, {
      details: { field },
    });
  }
}

/** Invalid TEXT_INVALID unless `value` can be kept as it is: up to 4,096 bytes, whole characters, no NUL. */
export function checkText(field: string, value: string): void {
  if (typeof value !== 'string' || !fits(value, textBytesMax)) {
    throw invalid('TEXT_INVALID', `A text must have at most ${textBytesMax} bytes, whole characters and no NUL.`, {
      details: { field },
    });
  }
}

/** Invalid NUMBER_INVALID unless `value` is an integer that a column of `bits` keeps exactly. */
export function checkInteger(field: string, value: number, bits: 32 | 53): void {
  if (!Number.isSafeInteger(value) || (bits === 32 && value !== (value | 0))) {
    throw invalid('NUMBER_INVALID', `A number must be an integer of at most ${bits} bits.`, { details: { field } });
  }
}

/** Invalid LIMIT_INVALID unless `limit` is from 1 to 10,000: a page, not a table. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > pageMax) {
    throw invalid('LIMIT_INVALID', `A page holds 1 to ${pageMax} entries.`, { details: { limit: String(limit) } });
  }
}

function fits(value: string, bytesMax: number): boolean {
  return (
    value.length <= bytesMax &&
    (value.length * 3 <= bytesMax || Buffer.byteLength(value) <= bytesMax) &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

/** `{1,2,NULL}`: pg's own way with arrays looks at the type of every element, which shows at thousands a second. */
export function numberArray(values: readonly (number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

export function textArray(values: readonly string[]): string {
  return `{${values.map(quoted).join(',')}}`;
}

export function optionalTextArray(values: readonly (string | undefined)[]): string {
  return `{${values.map((value) => (value === undefined ? 'NULL' : quoted(value))).join(',')}}`;
}

const needsEscape = /["\\]/;

/** Hardly any id needs an escape, and asking is ten times as cheap as replacing nothing. */
function quoted(value: string): string {
  return needsEscape.test(value) ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${value}"`;
}

/** Where each piece begins, from 1, and its bytes: for `substring(all from start for size)` of all of them as one value. */
export function piecesOf(pieces: readonly Uint8Array[]): { readonly starts: string; readonly sizes: string } {
  let start = 1;
  const starts = pieces.map(({ byteLength }) => {
    const own = start;
    start += byteLength;
    return own;
  });
  return { starts: numberArray(starts), sizes: numberArray(pieces.map(({ byteLength }) => byteLength)) };
}
