/**
 * From the schemas of a document to JSON Schema of draft 2020-12. A reference becomes a local one into `$defs`, so that
 * circles stay circles and nothing is expanded twice. Every keyword that is carried over has the form the draft asks for;
 * what is not known is left out.
 */
import { isLinearPattern } from '../linear-pattern.js';
import type { JsonObject, OpenApiDocument } from './document.js';
import { NotImported, bounded, parameterDescriptionCharsMax } from '../imports/imported.js';
import { isObject } from './document.js';

/** Of schemas in one tool: a model could not use a larger one. */
const schemasMax = 10_000;
const depthMax = 60;

const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isNumber = (value: unknown) => Number.isFinite(value);

/** Keywords without schemas in them, each with what its value must be. */
const plainKeywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  title: (value) => typeof value === 'string',
  format: (value) => typeof value === 'string',
  default: () => true,
  const: () => true,
  enum: (value) => Array.isArray(value) && value.length > 0,
  deprecated: (value) => typeof value === 'boolean',
  multipleOf: (value) => Number.isFinite(value) && Number(value) > 0,
  minimum: isNumber,
  maximum: isNumber,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minContains: isCount,
  maxContains: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  uniqueItems: (value) => typeof value === 'boolean',
  pattern: (value) => typeof value === 'string' && isLinearPattern(value),
};

const schemaKeywords = [
  ...['additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedItems'],
  'unevaluatedProperties',
];
const listKeywords = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const mapKeywords = ['patternProperties', 'dependentSchemas'];

export type Schema = JsonObject | boolean;

/** For one tool: its schemas share their `$defs`. */
export class SchemaTranslation {
  readonly #defs = new Map<string, Schema>();
  readonly #names = new Map<string, string>();
  /** References still to be translated: a queue, as a chain of them may be longer than the stack is deep. */
  readonly #open: { readonly name: string; readonly ref: string }[] = [];
  #schemas = 0;

  readonly #since31: boolean;

  constructor(private readonly document: OpenApiDocument) {
    this.#since31 = !String(document.root['openapi']).startsWith('3.0');
  }

  /** Throws NotImported for references that lead nowhere and schemas beyond the bounds. */
  translate(schema: unknown, depth = 0): Schema {
    if (++this.#schemas > schemasMax) throw new NotImported(`its parameters have more than ${schemasMax} schemas`);
    if (depth > depthMax) throw new NotImported(`its parameters are nested deeper than ${depthMax}`);
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return {};
    const ref = schema['$ref'];
    if (typeof ref !== 'string') return nullable(schema, this.#plain(schema, depth));
    // What stands beside a reference counts since 3.1; in 3.0 only its words can do no harm.
    const beside = this.#since31 ? this.#plain(schema, depth) : descriptionOf(schema);
    return { ...beside, $ref: `#/$defs/${this.#define(ref)}` };
  }

  /** Everything that was referred to, by name, in the order in which it was met. Throws NotImported. */
  definitions(): JsonObject {
    for (let next = this.#open.shift(); next !== undefined; next = this.#open.shift()) {
      this.#defs.set(next.name, this.translate(this.document.at(next.ref)));
    }
    return Object.fromEntries(this.#defs);
  }

  #define(ref: string): string {
    const known = this.#names.get(ref);
    if (known !== undefined) return known;
    const base = (ref.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 60) || 'Schema';
    let name = base;
    for (let count = 2; this.#defs.has(name); count++) name = `${base}_${count}`;
    this.#names.set(ref, name);
    this.#defs.set(name, true);
    this.#open.push({ name, ref });
    return name;
  }

  #plain(schema: JsonObject, depth: number): JsonObject {
    const of = (one: unknown) => this.translate(one, depth + 1);
    const out: Record<string, unknown> = { ...typeOf(schema), ...descriptionOf(schema) };
    for (const [keyword, fits] of Object.entries(plainKeywords)) {
      const value = schema[keyword];
      if (value !== undefined && fits(value)) out[keyword] = value;
    }
    exclusive(schema, out, 'minimum', 'exclusiveMinimum');
    exclusive(schema, out, 'maximum', 'exclusiveMaximum');
    for (const keyword of schemaKeywords) {
      if (isObject(schema[keyword]) || typeof schema[keyword] === 'boolean') out[keyword] = of(schema[keyword]);
    }
    for (const keyword of listKeywords) {
      const list = schema[keyword];
      if (Array.isArray(list) && list.length > 0) out[keyword] = list.map(of);
    }
    for (const keyword of mapKeywords) {
      const map = schema[keyword];
      if (isObject(map)) out[keyword] = this.#map(map, depth, keyword === 'patternProperties');
    }
    if (Array.isArray(schema['items'])) out['prefixItems'] = schema['items'].map(of);
    else if (schema['items'] !== undefined) out['items'] = of(schema['items']);
    return { ...out, ...this.#properties(schema, depth) };
  }

  /** What only answers hold is not asked for. */
  #properties(schema: JsonObject, depth: number): JsonObject {
    const { properties, required } = schema;
    const given = isObject(properties) ? Object.entries(properties) : [];
    const kept = given.filter(([, one]) => !this.isReadOnly(one));
    const left = new Set(given.filter((entry) => !kept.includes(entry)).map(([name]) => name));
    const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string' && !left.has(name)) : [];
    return {
      ...(given.length > 0
        ? { properties: Object.fromEntries(kept.map(([name, one]) => [name, this.translate(one, depth + 1)])) }
        : {}),
      ...(names.length > 0 ? { required: [...new Set(names)] } : {}),
    };
  }

  #map(map: JsonObject, depth: number, ofPatterns: boolean): JsonObject {
    const entries = Object.entries(map).filter(([key]) => !ofPatterns || isLinearPattern(key));
    return Object.fromEntries(entries.map(([key, one]) => [key, this.translate(one, depth + 1)]));
  }

  isReadOnly(schema: unknown): boolean {
    return this.document.object(schema)?.['readOnly'] === true;
  }
}

const descriptionOf = ({ description }: JsonObject): JsonObject =>
  typeof description === 'string' ? { description: bounded(description, parameterDescriptionCharsMax) } : {};

function typeOf({ type, nullable: mayBeNull }: JsonObject): JsonObject {
  // A file of a form, as documents that came from Swagger still have it.
  const given = (Array.isArray(type) ? type : [type]).map((one) => (one === 'file' ? 'string' : one));
  const known = [...new Set(given.filter((one) => types.includes(String(one))))];
  if (known.length === 0) return {};
  if (mayBeNull === true && !known.includes('null')) known.push('null');
  return { type: known.length === 1 ? known[0] : known };
}

/** `nullable` of 3.0 speaks of the type; where others state it, null is one more alternative. */
function nullable(schema: JsonObject, out: JsonObject): JsonObject {
  if (schema['nullable'] !== true) return out;
  const values = out['enum'];
  if (out['type'] !== undefined) {
    return Array.isArray(values) && !values.includes(null) ? { ...out, enum: [...values, null] } : out;
  }
  const { description, ...rest } = out;
  if (!['allOf', 'anyOf', 'oneOf', 'enum'].some((keyword) => keyword in rest)) return out;
  return { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] };
}

/** A boolean in 3.0, where it makes the limit beside it a strict one; a number since. */
function exclusive(schema: JsonObject, out: Record<string, unknown>, limit: string, strict: string): void {
  if (Number.isFinite(schema[strict])) out[strict] = schema[strict];
  if (schema[strict] !== true || out[limit] === undefined) return;
  out[strict] = out[limit];
  delete out[limit];
}
