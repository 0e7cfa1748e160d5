/**
 * Values of somebody else's tables as JSON text, by the type that the server states. Nothing is rounded: what a double
 * cannot hold (bigint, numeric) is a string, and JSON stays the text that it is. Times are ISO 8601, bytes are base64.
 */
import { types } from 'pg';

type ToJson = (text: string) => string;

const asIs: ToJson = (text) => text;
const asText: ToJson = (text) => JSON.stringify(text);
const asFloat: ToJson = (text) => (/^-?\d/.test(text) ? text : JSON.stringify(text));
const asBytes: ToJson = (text) => JSON.stringify(Buffer.from(text.slice(2), 'hex').toString('base64'));

/** A server writes `2026-11-27 09:30:00.25+01`; years before Christ and infinity stay as they are. */
const asTime: ToJson = (text) => {
  const iso = text.replace(
    /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d)?)?$/,
    (_, day, time, zone) => {
      const offset = zone === undefined ? '' : zone === '+00' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone;
      return `${day}T${time}${offset}`;
    },
  );
  return JSON.stringify(iso);
};

/** By the object ids of Postgres's own types, which never change. */
const ofType: Readonly<Record<number, ToJson>> = {
  16: (text) => (text === 't' ? 'true' : 'false'),
  17: asBytes,
  21: asIs, // int2
  23: asIs, // int4
  26: asIs, // oid
  114: asIs, // json
  700: asFloat,
  701: asFloat,
  1114: asTime, // timestamp
  1184: asTime, // timestamptz
  3802: asIs, // jsonb
};

/** Of the array, of its elements. */
const elementOf: Readonly<Record<number, number>> = {
  ...{ 199: 114, 1000: 16, 1001: 17, 1005: 21, 1007: 23, 1028: 26, 1021: 700, 1022: 701, 1115: 1114, 1185: 1184 },
  ...{ 3807: 3802, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 1182: 1082, 1231: 1700, 2951: 2950 },
};

const textArrayOid: number = 1009;
type Nested = readonly (string | null | Nested)[];
const elementsOf = types.getTypeParser(textArrayOid) as (text: string) => Nested;

export function toJsonOf(oid: number): ToJson {
  const element = elementOf[oid];
  if (element === undefined) return ofType[oid] ?? asText;
  const toJson = ofType[element] ?? asText;
  const listOf = (items: Nested): string =>
    `[${items.map((item) => (item === null ? 'null' : typeof item === 'string' ? toJson(item) : listOf(item))).join(',')}]`;
  return (text) => listOf(elementsOf(text));
}
