/**
 * Whether a body is a plain object whose properties can stand beside the other arguments. Models fill in flat arguments
 * more surely than nested ones; an object of several shapes, or of any keys, stays one argument.
 */
import type { JsonObject, OpenApiDocument } from './document.js';
import { isObject } from './document.js';
import type { SchemaTranslation } from './schema-translation.js';

export interface FlatProperty {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
}

const partsDepthMax = 10;
/** What makes one object several shapes, or its keys free. */
const shaping = [
  ...['oneOf', 'anyOf', 'not', 'if', 'patternProperties', 'propertyNames', 'dependentRequired', 'dependentSchemas'],
  ...['unevaluatedProperties', 'minProperties', 'maxProperties'],
];

/** Undefined when the body has to stay whole. Throws NotImported for references that lead nowhere. */
export function flatBodyOf(
  schema: unknown,
  document: OpenApiDocument,
  translation: SchemaTranslation,
): FlatProperty[] | undefined {
  const properties = new Map<string, unknown>();
  const required = new Set<string>();
  if (!gather(schema, document, { properties, required }, 0)) return undefined;
  const kept = [...properties].filter(([, one]) => !translation.isReadOnly(one));
  // A member that is required but not described can be sent only as part of the whole.
  if (kept.length === 0 || [...required].some((name) => !properties.has(name))) return undefined;
  return kept.map(([name, one]) => ({ name, schema: one, required: required.has(name) }));
}

interface Gathered {
  readonly properties: Map<string, unknown>;
  readonly required: Set<string>;
}

function gather(schema: unknown, document: OpenApiDocument, gathered: Gathered, depth: number): boolean {
  const found = document.object(schema);
  if (!found || depth > partsDepthMax || !isPlain(found)) return false;
  const { properties, required, allOf } = found;
  for (const [name, one] of isObject(properties) ? Object.entries(properties) : []) {
    // Two parts that both speak of a member have to be met together.
    if (gathered.properties.has(name)) return false;
    gathered.properties.set(name, one);
  }
  for (const name of Array.isArray(required) ? required : []) gathered.required.add(String(name));
  return !Array.isArray(allOf) || allOf.every((part) => gather(part, document, gathered, depth + 1));
}

function isPlain(schema: JsonObject): boolean {
  const { type, additionalProperties: more, nullable } = schema;
  if (type !== undefined && type !== 'object') return false;
  if (nullable === true || (more !== undefined && more !== false)) return false;
  return shaping.every((keyword) => schema[keyword] === undefined);
}
