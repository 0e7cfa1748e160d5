/** Arguments that a tool takes, made from its schema: what is required, with values that the schema names where it names some. */
import type { ToolSpec } from '@toolfleet/kernel';
import { ArgumentValidators } from '@toolfleet/kernel';
import { objectAt, resolved } from './parameter-rows.js';

type Schema = Readonly<Record<string, unknown>>;

const depthMax = 8;
const entriesMax = 20;

const validators = new ArgumentValidators();

/** Undefined where none can be made that the schema takes: a wrong example is worse than none. */
export function exampleArguments(tool: ToolSpec): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = objectAt(valueOf(tool.parameters, tool.parameters, 0));
    validators.check(tool, value);
    return value;
  } catch {
    return undefined;
  }
}

function valueOf(given: unknown, root: Schema, depth: number): unknown {
  const schema = resolved(given, root);
  const { const: fixed, default: standard, enum: values, examples, example } = schema as Record<string, unknown>;
  for (const list of [examples, values]) if (Array.isArray(list) && list.length > 0) return list[0];
  for (const one of [fixed, example, standard]) if (one !== undefined && one !== null) return one;
  if (depth > depthMax) return null;
  const branch = (['oneOf', 'anyOf', 'allOf'] as const).map((word) => schema[word]).find(Array.isArray);
  const type = [schema['type']].flat().find((one) => one !== 'null');
  if (type === undefined && branch) return valueOf(branch[0], root, depth + 1);
  if (type === 'object' || (type === undefined && schema['properties'])) return objectOf(schema, root, depth);
  if (type === 'array') {
    const count = Math.min(Math.max(1, Number(schema['minItems'] ?? 1)), entriesMax);
    return Array.from({ length: count }, () => valueOf(schema['items'], root, depth + 1));
  }
  if (type === 'integer' || type === 'number') return numberOf(schema, type === 'integer');
  if (type === 'boolean') return true;
  return textOf(schema);
}

function objectOf(schema: Schema, root: Schema, depth: number): Schema {
  const properties = objectAt(schema['properties']);
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const names = Object.keys(properties).filter((name) => required.includes(name));
  return Object.fromEntries(names.map((name) => [name, valueOf(properties[name], root, depth + 1)]));
}

function numberOf(schema: Schema, whole: boolean): number {
  const [least, above, most] = ['minimum', 'exclusiveMinimum', 'maximum'].map((word) => schema[word] as number);
  const step = Number(schema['multipleOf'] ?? 1);
  if (above !== undefined) return whole ? Math.floor(above) + 1 : above + step;
  if (least !== undefined) return whole ? Math.ceil(least) : least;
  return most !== undefined && most < step ? most : step;
}

const byFormat: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'ann@example.org',
  uri: 'https://example.org/',
  url: 'https://example.org/',
  hostname: 'example.org',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f0e6f0a-8f1c-4b5e-9a53-0c6d2f0c1a11',
};

function textOf({ format, minLength, maxLength }: Schema): string {
  const known = byFormat[String(format)];
  if (known !== undefined) return known;
  const text = '…'.padEnd(Math.min(Number(minLength ?? 1), 1_000), '…');
  return text.slice(0, Number(maxLength ?? text.length));
}
