/**
 * The AST match of the Berkeley Function Calling Leaderboard: same function, every required parameter, none that the
 * document lacks, the right type, a value among the accepted ones. JSON does not tell 5.0 from 5, so an integer passes for
 * a float and a whole float for an integer.
 */
import { isDeepStrictEqual } from 'node:util';
import { isList, isObject } from '../folder.js';
import type { JsonObject } from '../plan.js';

type Kind = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'null';

const kinds: Readonly<Record<string, Kind>> = {
  string: 'str',
  integer: 'int',
  float: 'float',
  boolean: 'bool',
  array: 'list',
  tuple: 'list',
  dict: 'dict',
  any: 'str',
};

/** Whether the match is defined for a document: its parameters are typed as Python types them. */
export function isPythonTyped(document: JsonObject): boolean {
  return Object.values(propertiesOf(document)).every(
    (property) =>
      kindOf(property['type']) !== undefined && (!isListed(property) || kindOf(itemType(property)) !== undefined),
  );
}

const kindOf = (type: unknown): Kind | undefined =>
  typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
const isListed = ({ type }: JsonObject): boolean => type === 'array' || type === 'tuple';
const itemType = ({ items }: JsonObject): unknown => (isObject(items) ? items['type'] : undefined);

export function propertiesOf(document: JsonObject): Readonly<Record<string, JsonObject>> {
  const parameters = document['parameters'];
  const properties = isObject(parameters) ? parameters['properties'] : undefined;
  return isObject(properties) ? (properties as Record<string, JsonObject>) : {};
}

export function requiredOf(document: JsonObject): string[] {
  const parameters = document['parameters'];
  const required = isObject(parameters) ? parameters['required'] : undefined;
  return isList(required) ? required.map(String) : [];
}

/** Accepted values of each parameter; `''` among them: it may be left out. */
export type Accepted = Readonly<Record<string, readonly unknown[]>>;

export function isAccepted(document: JsonObject, accepted: Accepted, args: JsonObject): boolean {
  if (requiredOf(document).some((name) => !Object.hasOwn(args, name))) return false;
  const properties = propertiesOf(document);
  for (const [name, value] of Object.entries(args)) {
    const property = properties[name];
    const values = accepted[name];
    if (property === undefined || values === undefined || !isValueAccepted(property, values, value)) return false;
  }
  return Object.entries(accepted).every(([name, values]) => Object.hasOwn(args, name) || values.includes(''));
}

function isValueAccepted(property: JsonObject, values: readonly unknown[], value: unknown): boolean {
  const kind = kindOf(property['type']);
  if (kind === undefined) return false;
  const nested = isListed(property) ? kindOf(itemType(property)) : undefined;
  const { fits, isVariable } = typeOf(value, values, kind, nested);
  if (!fits) return false;
  if (isVariable) return values.some((each) => isDeepStrictEqual(each, value));
  if (kind === 'dict') return isDictAccepted(value, values);
  if (kind === 'list' && nested === 'dict') {
    const items = value as readonly unknown[];
    return values.some(
      (each) =>
        isList(each) && each.length === items.length && items.every((item, at) => isDictAccepted(item, [each[at]])),
    );
  }
  return values.some((each) => isDeepStrictEqual(standard(each), standard(value)));
}

/** The type of the document, or else that of the accepted values: then the value stands for a variable. */
function typeOf(
  value: unknown,
  values: readonly unknown[],
  kind: Kind,
  nested: Kind | undefined,
): { fits: boolean; isVariable: boolean } {
  const first = values.find((each) => each !== '');
  const possible = first === undefined ? undefined : kindOfValue(first);
  if (!isOf(value, kind)) return { fits: possible !== undefined && isOf(value, possible), isVariable: true };
  const isNested = nested === undefined || values.some((each) => !isList(each) || isListOf(value, each, nested));
  const isVariable = possible !== undefined && possible !== kind && !(isNumeric(possible) && isNumeric(kind));
  return isNested ? { fits: true, isVariable } : { fits: false, isVariable: false };
}

const isListOf = (value: unknown, accepted: readonly unknown[], nested: Kind): boolean =>
  isList(value) && value.every((item) => typeOf(item, accepted, nested, undefined).fits);

const isNumeric = (kind: Kind): boolean => kind === 'int' || kind === 'float';

function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return isList(value) ? 'list' : 'dict';
}

const isOf = (value: unknown, kind: Kind): boolean =>
  kindOfValue(value) === kind || (kind === 'float' && kindOfValue(value) === 'int');

function isDictAccepted(value: unknown, values: readonly unknown[]): boolean {
  if (!isObject(value)) return false;
  return values.filter(isObject).some((each) => {
    const has = (name: string, item: unknown): boolean =>
      acceptedOf(each[name]).some((one) => isDeepStrictEqual(standard(one), standard(item)));
    return (
      Object.entries(value).every(([name, item]) => has(name, item)) &&
      Object.entries(each).every(([name, items]) => Object.hasOwn(value, name) || acceptedOf(items).includes(''))
    );
  });
}

const acceptedOf = (values: unknown): readonly unknown[] => (isList(values) ? values : []);

/** Strings are compared without case, spaces and most punctuation. */
function standard(value: unknown): unknown {
  if (isList(value)) return value.map(standard);
  return typeof value === 'string'
    ? value
        .replaceAll(/[ ,./\-_*^]/g, '')
        .toLowerCase()
        .replaceAll("'", '"')
    : value;
}

/** The arguments of a right call: of each parameter the first accepted value, without those that may be left out. */
export function argumentsOf(document: JsonObject, accepted: Accepted): JsonObject {
  const required = requiredOf(document);
  const kept = Object.entries(accepted).filter(([name, values]) => !values.includes('') || required.includes(name));
  return Object.fromEntries(kept.map(([name, values]) => [name, rightValueOf(values)]));
}

/** Some sets write an empty list as it is, without a list of accepted values around it. */
const rightValueOf = (values: readonly unknown[]): unknown =>
  values.length === 0 ? [] : valueOf(values.find((value) => value !== '') ?? '');

/** Inside an accepted object each member is a list of accepted values in its turn. */
function valueOf(value: unknown): unknown {
  if (isList(value)) return value.map(valueOf);
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, values]): [string, unknown][] => {
    if (!isList(values)) return [[name, values]];
    return values.includes('') || values.length === 0 ? [] : [[name, valueOf(values[0])]];
  });
  return Object.fromEntries(members);
}
