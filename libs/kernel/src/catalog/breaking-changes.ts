/**
 * What of a changed tool refuses or redirects calls that were right before. Arguments that the old schema takes must be taken by
 * the new one; where two schemas cannot be compared keyword by keyword, a change counts as breaking. Linear in their size, but
 * for `anyOf`, whose branches are looked at in pairs.
 */
import type { ToolSpec } from './manifest.js';
import { upstreamNameOf } from './manifest.js';

export interface BreakingChange {
  /** From the root of the manifest. */
  readonly path: readonly string[];
  readonly reason: string;
}

/** More would only be read by a machine. */
const changesMax = 20;

export function breakingChanges(before: ToolSpec, after: ToolSpec): BreakingChange[] {
  const found = [
    ...placeChanges(before, after),
    ...checkChanges(before, after),
    ...schemaChanges(before.parameters, after.parameters, ['spec', 'parameters']),
  ];
  return found.slice(0, changesMax);
}

/** A caller, a rule and a quota go by these. */
function placeChanges(before: ToolSpec, after: ToolSpec): BreakingChange[] {
  const rows: [string, string | undefined, string | undefined][] = [
    ['effect', before.effect, after.effect],
    ['class', before.toolClass, after.toolClass],
    ['driver', before.driver, after.driver],
    [after.driver, upstreamNameOf(before), upstreamNameOf(after)],
  ];
  const changed = rows.filter(([, old, now]) => old !== now);
  // Another driver calls elsewhere by its nature: once is enough.
  const own = before.driver === after.driver ? changed : changed.filter(([field]) => field !== after.driver);
  return own.map(([field, old = 'nothing', now = 'nothing']) => {
    return { path: ['spec', field], reason: `was ${old} and is ${now}` };
  });
}

function checkChanges({ checks: old = [] }: ToolSpec, { checks: now = [] }: ToolSpec): BreakingChange[] {
  const known = new Set(old.map(({ condition }) => condition));
  return now.flatMap(({ condition }, at) =>
    known.has(condition) ? [] : [{ path: ['spec', 'checks', String(at)], reason: 'is a new condition' }],
  );
}

type Schema = Readonly<Record<string, unknown>>;
type Path = readonly string[];
type Rule = (old: Schema, now: Schema, path: Path) => BreakingChange[];

function schemaChanges(before: unknown, after: unknown, path: Path): BreakingChange[] {
  if (isSame(before, after) || after === true || before === false) return [];
  if (after === false) return [{ path, reason: 'takes nothing any more' }];
  const [old, now] = [before === true ? {} : (before as Schema), after as Schema];
  return rules.flatMap((rule) => rule(old, now, path));
}

const types = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;

const typeRule: Rule = (old, now, path) => {
  if (now['type'] === undefined) return [];
  const taken = new Set<unknown>([now['type']].flat());
  const takes = (type: unknown) => taken.has(type) || (type === 'integer' && taken.has('number'));
  const was: readonly unknown[] = [(old['type'] as string | readonly string[] | undefined) ?? impliedTypes(old)].flat();
  const refused = was.filter((type) => !takes(type));
  return refused.length > 0 ? [{ path: [...path, 'type'], reason: `no longer takes ${refused.join(', ')}` }] : [];
};

/** Of a schema without a type: those of its values, where it lists them. */
function impliedTypes(schema: Schema): readonly string[] {
  const values = valuesOf(schema);
  return values === undefined ? types.filter((type) => type !== 'integer') : [...new Set(values.map(typeOfValue))];
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function valuesOf(schema: Schema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

const valuesRule: Rule = (old, now, path) => {
  const taken = valuesOf(now);
  if (!taken) return [];
  const keyword = 'const' in now ? 'const' : 'enum';
  const was = valuesOf(old);
  if (!was) return [{ path: [...path, keyword], reason: 'takes these values only' }];
  const lost = was.filter((value) => !taken.some((one) => isSame(one, value)));
  if (lost.length === 0) return [];
  const shown = lost.slice(0, 5).map((value) => JSON.stringify(value));
  return [{ path: [...path, keyword], reason: `no longer takes ${shown.join(', ')}` }];
};

interface Bound {
  readonly limit: number;
  readonly exclusive: boolean;
  readonly keyword: string;
}

/** The tighter of an inclusive and an exclusive bound; `sign` is 1 for upper bounds and -1 for lower ones. */
function boundOf(schema: Schema, keyword: string, exclusiveKeyword: string, sign: 1 | -1): Bound | undefined {
  const [own, exclusive] = [schema[keyword], schema[exclusiveKeyword]];
  const inclusive: Bound | undefined = typeof own === 'number' ? { limit: own, exclusive: false, keyword } : undefined;
  if (typeof exclusive !== 'number') return inclusive;
  const bound = { limit: exclusive, exclusive: true, keyword: exclusiveKeyword };
  return inclusive && sign * inclusive.limit < sign * exclusive ? inclusive : bound;
}

const rangeRule: Rule = (old, now, path) =>
  [['maximum', 'exclusiveMaximum', 1] as const, ['minimum', 'exclusiveMinimum', -1] as const].flatMap(
    ([keyword, exclusiveKeyword, sign]) => {
      const [was, is] = [old, now].map((schema) => boundOf(schema, keyword, exclusiveKeyword, sign));
      if (!is) return [];
      const tighter =
        !was || sign * is.limit < sign * was.limit || (is.limit === was.limit && is.exclusive && !was.exclusive);
      return tighter ? [{ path: [...path, is.keyword], reason: `takes ${sign > 0 ? 'less' : 'more'} only` }] : [];
    },
  );

const sizeRule: Rule = (old, now, path) =>
  ['Length', 'Items', 'Properties', 'Contains'].flatMap((what) => {
    const [most, least] = [`max${what}`, `min${what}`];
    const number = (schema: Schema, keyword: string, absent: number) =>
      typeof schema[keyword] === 'number' ? schema[keyword] : absent;
    const lower = number(now, most, Infinity) < number(old, most, Infinity);
    const higher = number(now, least, 0) > number(old, least, 0);
    return [
      ...(lower ? [{ path: [...path, most], reason: 'is lower' }] : []),
      ...(higher ? [{ path: [...path, least], reason: 'is higher' }] : []),
    ];
  });

const multipleRule: Rule = (old, now, path) => {
  const [was, is] = [old['multipleOf'], now['multipleOf']];
  if (typeof is !== 'number' || (typeof was === 'number' && Number.isInteger(was / is))) return [];
  return [{ path: [...path, 'multipleOf'], reason: 'takes fewer numbers' }];
};

/** What is set or changed and cannot be compared with what it was. */
const opaque = [
  ...['pattern', 'format', 'contentEncoding', 'contentMediaType', 'contentSchema', 'contains', 'prefixItems'],
  ...['oneOf', 'not', 'if', 'then', 'else', 'propertyNames', 'patternProperties', 'dependentRequired'],
  ...['dependentSchemas', 'dependencies', 'unevaluatedProperties', 'unevaluatedItems', 'additionalItems'],
  ...['$ref', '$anchor', '$id'],
] as const;

const opaqueRule: Rule = (old, now, path) =>
  opaque.flatMap((keyword) =>
    keyword in now && now[keyword] !== true && !isSame(old[keyword], now[keyword])
      ? [{ path: [...path, keyword], reason: keyword in old ? 'is another' : 'is new' }]
      : [],
  );

const uniqueRule: Rule = (old, now, path) =>
  now['uniqueItems'] === true && old['uniqueItems'] !== true
    ? [{ path: [...path, 'uniqueItems'], reason: 'is new' }]
    : [];

const propertiesRule: Rule = (old, now, path) => {
  const [was, is] = [propertiesOf(old), propertiesOf(now)];
  const required = new Set(listOf(old['required']));
  const newlyRequired = listOf(now['required']).filter((name) => !required.has(name));
  return [
    ...Object.keys(was).flatMap((name) => {
      const at = [...path, 'properties', name];
      if (!Object.hasOwn(is, name)) return [{ path: at, reason: 'was removed or renamed' }];
      return schemaChanges(was[name], is[name], at);
    }),
    ...newlyRequired.map((name) => ({ path: [...path, 'required'], reason: `demands ${name}` })),
    ...closedChanges(old['additionalProperties'], now['additionalProperties'], path),
  ];
};

function closedChanges(old: unknown = true, now: unknown = true, path: Path): BreakingChange[] {
  const at = [...path, 'additionalProperties'];
  return now === false && old !== false
    ? [{ path: at, reason: 'takes no others any more' }]
    : schemaChanges(old, now, at);
}

const itemsRule: Rule = (old, now, path) => {
  if (!('items' in now)) return [];
  const at = [...path, 'items'];
  // A list of schemas, as draft 7 has it, is compared as a whole.
  if (Array.isArray(now['items']) || Array.isArray(old['items']))
    return isSame(old['items'], now['items']) ? [] : [{ path: at, reason: 'is another' }];
  return schemaChanges(old['items'] ?? true, now['items'], at);
};

const allOfRule: Rule = (old, now, path) => {
  const [was, is] = [schemasOf(old['allOf']), schemasOf(now['allOf'])];
  return is.flatMap((schema, at) => {
    const place = [...path, 'allOf', String(at)];
    return at < was.length ? schemaChanges(was[at], schema, place) : schemaChanges({}, schema, place);
  });
};

const anyOfRule: Rule = (old, now, path) => {
  if (!('anyOf' in now)) return [];
  const is = schemasOf(now['anyOf']);
  const { anyOf: _, ...alone } = old;
  const was = 'anyOf' in old ? schemasOf(old['anyOf']) : [alone];
  const lost = was.some((schema) => !is.some((other) => schemaChanges(schema, other, path).length === 0));
  return lost ? [{ path: [...path, 'anyOf'], reason: 'no longer takes all that it took' }] : [];
};

/** Whoever refers to one of these sees its change here. */
const definitionsRule: Rule = (old, now, path) =>
  ['$defs', 'definitions'].flatMap((keyword) => {
    const [was, is] = [old[keyword] ?? {}, now[keyword] ?? {}] as [Schema, Schema];
    return Object.keys(was).flatMap((name) =>
      Object.hasOwn(is, name) ? schemaChanges(was[name], is[name], [...path, keyword, name]) : [],
    );
  });

const rules: readonly Rule[] = [
  ...[typeRule, valuesRule, rangeRule, sizeRule, multipleRule, opaqueRule, uniqueRule],
  ...[propertiesRule, itemsRule, allOfRule, anyOfRule, definitionsRule],
];

const propertiesOf = (schema: Schema) => (schema['properties'] ?? {}) as Readonly<Record<string, unknown>>;
const listOf = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);
const schemasOf = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);

/** Whatever the order of keys. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [ones, others] = [one as Schema, other as Schema];
  const keys = Object.keys(ones);
  if (keys.length !== Object.keys(others).length) return false;
  return keys.every((key) => Object.hasOwn(others, key) && isSame(ones[key], others[key]));
}
