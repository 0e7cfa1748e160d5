/**
 * Arguments as Postgres reads them, in text form. A value of another type than its parameter's is refused before anything
 * is sent: the server would take some of them for something else ('now' is a date to it), and its words are not for models.
 */
import type { SqlType } from '../catalog/database.js';
import { invalid } from '../fault.js';

interface Reader {
  readonly expected: string;
  /** Undefined: not of this type. */
  read(value: unknown): string | undefined;
}

const date = /^\d{4,6}-\d{2}-\d{2}$/;
const instant = /^\d{4,6}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/;
const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const decimal = /^[+-]?(?:\d{1,200}(?:\.\d{0,200})?|\.\d{1,200})(?:[eE][+-]?\d{1,4})?$/;

/** Neither a NUL nor half of a surrogate pair can be kept, and neither may silently become something else. */
const plainText = (value: unknown) =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? value : undefined;
const matching = (pattern: RegExp, expected: string): Reader => ({
  expected,
  read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
});
const wholeNumber: Reader = {
  expected: 'a whole number',
  read: (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
    return typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value) ? value : undefined;
  },
};
const text: Reader = { expected: 'a text without NUL characters', read: plainText };
const listOf = ({ read }: Reader, expected: string): Reader => ({
  expected,
  read: (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map((item) => (item === null ? 'NULL' : quoted(read(item))));
    return items.includes(undefined) ? undefined : `{${items.join(',')}}`;
  },
});
const quoted = (item: string | undefined) =>
  item === undefined ? item : `"${item.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;

const readers: Readonly<Record<SqlType, Reader>> = {
  text,
  integer: wholeNumber,
  bigint: wholeNumber,
  numeric: {
    expected: 'a number',
    read: (value) => {
      if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
      return typeof value === 'string' && decimal.test(value) ? value : undefined;
    },
  },
  boolean: { expected: 'true or false', read: (value) => (typeof value === 'boolean' ? String(value) : undefined) },
  date: matching(date, 'a date such as 2026-11-27'),
  timestamptz: matching(instant, 'a time with its zone such as 2026-11-27T09:30:00Z'),
  uuid: matching(uuid, 'a UUID'),
  json: { expected: 'JSON without NUL characters', read: (value) => plainText(jsonOf(value)) },
  'text[]': listOf(text, 'a list of texts'),
  'integer[]': listOf(wholeNumber, 'a list of whole numbers'),
};

/** An escape of what cannot be kept is as little use as the character. */
function jsonOf(value: unknown): string | undefined {
  const json = JSON.stringify(value);
  return /\\u0000|\\ud[89a-f]/i.test(json.replaceAll('\\\\', '')) ? undefined : json;
}

/** Null for what is null or absent. Throws `invalid` SQL_PARAMETER_INVALID. */
export function sqlParameterOf(argument: string, type: SqlType, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const { expected, read } = readers[type];
  const found = read(value);
  if (found !== undefined) return found;
  throw invalid('SQL_PARAMETER_INVALID', `The argument ${argument} must be ${expected}.`, {
    details: { sent: 'no', argument },
    hint: 'Call it again with a value of that form.',
  });
}

/** Types of JSON Schema that a parameter of this type can take. */
export const jsonTypesOf: Readonly<Record<SqlType, readonly string[]>> = {
  text: ['string'],
  integer: ['integer', 'string'],
  bigint: ['integer', 'string'],
  numeric: ['number', 'integer', 'string'],
  boolean: ['boolean'],
  date: ['string'],
  timestamptz: ['string'],
  uuid: ['string'],
  json: ['string', 'number', 'integer', 'boolean', 'array', 'object'],
  'text[]': ['array'],
  'integer[]': ['array'],
};
