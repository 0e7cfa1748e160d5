/**
 * Tool documents of public sets as JSON Schema. Several sets name types as Python, Java or JavaScript do; what has no
 * counterpart in JSON loses its type, so that a validator lets it pass instead of refusing what the set holds right.
 */
import type { Effect } from '@toolfleet/kernel';
import { isList, isObject, malformed, textIn } from './folder.js';
import type { JsonObject, PlannedTool } from './plan.js';

const jsonTypes: Readonly<Record<string, string>> = {
  string: 'string',
  str: 'string',
  char: 'string',
  integer: 'integer',
  int: 'integer',
  long: 'integer',
  short: 'integer',
  number: 'number',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  array: 'array',
  list: 'array',
  tuple: 'array',
  arraylist: 'array',
  object: 'object',
  dict: 'object',
  hashmap: 'object',
  null: 'null',
};
/** Keywords that hold one schema, a list of schemas, or schemas by name. */
const schemaKeywords = new Set([
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
]);
const listKeywords = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const namedKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

export function schemaOf(document: unknown): JsonObject {
  if (!isObject(document)) return {};
  const schema: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(document)) {
    const converted = keywordOf(keyword, value);
    if (converted !== undefined) schema[keyword] = converted;
  }
  return schema;
}

function keywordOf(keyword: string, value: unknown): unknown {
  if (keyword === 'type') return typeOf(value);
  // Draft 3 marks the parameter itself; here that stands in the list of the object.
  if (keyword === 'required') return isList(value) ? value.filter((name) => typeof name === 'string') : undefined;
  if (keyword === 'enum') return isList(value) && value.length > 0 ? [...new Set(value)] : undefined;
  if (keyword === 'optional') return undefined;
  if (schemaKeywords.has(keyword)) return typeof value === 'boolean' ? value : schemaOf(value);
  if (listKeywords.has(keyword)) return isList(value) ? value.map(schemaOf) : undefined;
  if (!namedKeywords.has(keyword)) return value;
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, schemaOf(part)]));
}

function typeOf(value: unknown): unknown {
  if (typeof value === 'string') return jsonTypes[value.toLowerCase()];
  if (!isList(value)) return undefined;
  const types = value.map(typeOf);
  return types.every((type) => typeof type === 'string') ? types : undefined;
}

/** Providers demand an object of parameters. */
export function parametersOf(document: unknown): JsonObject {
  return { properties: {}, ...schemaOf(document), type: 'object' };
}

/** `{name, description, parameters}`, bare or as the function of a provider's tool. */
export function toolOf(document: JsonObject, at: string, effect: Effect): PlannedTool {
  const body = isObject(document['function']) ? document['function'] : document;
  const name = textIn(body, 'name', at);
  const description = typeof body['description'] === 'string' ? body['description'] : '';
  const parameters = parametersOf(body['parameters'] ?? body['inputSchema'] ?? body['input_schema']);
  return { key: name, name, description, parameters, effect };
}

/** Gives every different document of one name a key of its own, and equal documents the same one. */
export class ToolBox {
  readonly #byText = new Map<string, PlannedTool>();
  readonly #counts = new Map<string, number>();

  add(tool: PlannedTool): PlannedTool {
    const text = JSON.stringify([tool.name, tool.description, tool.parameters, tool.effect, tool.binding]);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const count = (this.#counts.get(tool.name) ?? 0) + 1;
    this.#counts.set(tool.name, count);
    const added = { ...tool, key: count === 1 ? tool.name : `${tool.name}#${count}` };
    this.#byText.set(text, added);
    return added;
  }

  get tools(): PlannedTool[] {
    return [...this.#byText.values()];
  }
}

/** Nested deeper, a sample stops: a schema may refer to itself. */
const sampleDepthMax = 8;

/** A value that fits a schema in all common cases; the smallest there is, with what is required and nothing else. */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (!isObject(schema) || depth > sampleDepthMax) return 'sample';
  if ('const' in schema) return schema['const'];
  if (isList(schema['enum']) && schema['enum'].length > 0) return schema['enum'][0];
  const choice = ['anyOf', 'oneOf'].map((keyword) => schema[keyword]).find(isList);
  if (choice !== undefined && choice.length > 0) return sampleOf(choice[0], depth + 1);
  const type = isList(schema['type']) ? schema['type'][0] : schema['type'];
  const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
  switch (type) {
    case 'integer':
      return Math.ceil(least);
    case 'number':
      return least;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array': {
      const count = typeof schema['minItems'] === 'number' ? Math.min(schema['minItems'], 10) : 1;
      return Array.from({ length: count }, () => sampleOf(schema['items'], depth + 1));
    }
    case 'object':
      return sampleObject(schema, depth);
    default:
      return sampleText(schema);
  }
}

const formatted: Readonly<Record<string, string>> = {
  'date-time': '2024-05-17T10:30:00Z',
  date: '2024-05-17',
  time: '10:30:00Z',
  email: 'ann@example.com',
  uri: 'https://example.com/',
  uuid: '6f1c0a8e-5d0b-4a57-9a53-3f6f6b8a2c11',
};

function sampleText({ format, minLength }: JsonObject): string {
  const text = (typeof format === 'string' ? formatted[format] : undefined) ?? 'sample';
  return typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 1_000), 'x') : text;
}

function sampleObject(schema: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = isList(schema['required']) ? schema['required'].map(String) : [];
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name], depth + 1)]));
}

export function requireTools(tools: readonly PlannedTool[], at: string): void {
  if (tools.length === 0) throw malformed(at, 'holds no tool');
}
