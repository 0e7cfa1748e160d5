/**
 * The JSON Schema of a message as ProtoJSON writes it. Messages within it are definitions of their own, so one that holds
 * itself is no endless schema; that is noted for the reviewer.
 */
import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label } from '@bufbuild/protobuf/wkt';

export type JsonSchema = Readonly<Record<string, unknown>>;

const descriptionCharsMax = 500;
/** Providers refuse other names of properties. */
const propertyName = /^[A-Za-z0-9_.-]{1,64}$/;
/** google.api.field_behavior, an option that is not among the known ones, and its value for "required". */
const fieldBehavior = { number: 1052, required: 2 } as const;

const int32 = { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 };
const uint32 = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
/** Beyond 2^53 a number would be rounded on its way, so texts are taken, too. */
const int64 = { type: ['string', 'integer'], pattern: '^-?[0-9]{1,19}$' };
const uint64 = { type: ['string', 'integer'], pattern: '^[0-9]{1,20}$', minimum: 0 };
const number = { type: 'number' };

const ofScalar: Readonly<Record<ScalarType, JsonSchema>> = {
  [ScalarType.DOUBLE]: number,
  [ScalarType.FLOAT]: number,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
};

const ofWellKnown: Readonly<Record<string, JsonSchema>> = {
  Any: { type: 'object', required: ['@type'], properties: { '@type': { type: 'string' } } },
  Duration: { type: 'string', pattern: '^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$' },
  Empty: { type: 'object', additionalProperties: false },
  FieldMask: { type: 'string' },
  ListValue: { type: 'array' },
  Struct: { type: 'object' },
  Timestamp: { type: 'string', format: 'date-time' },
  Value: {},
  BoolValue: { type: 'boolean' },
  BytesValue: ofScalar[ScalarType.BYTES],
  DoubleValue: number,
  FloatValue: number,
  Int32Value: int32,
  Int64Value: int64,
  StringValue: { type: 'string' },
  UInt32Value: uint32,
  UInt64Value: uint64,
};

/** What a method takes, and what a reviewer should know of it. */
export interface MessageSchema {
  readonly schema: JsonSchema;
  readonly notes: readonly string[];
}

export function schemaOfMessage(message: DescMessage, comments: ReadonlyMap<object, string>): MessageSchema {
  return new Translation(comments).whole(message);
}

class Translation {
  readonly #defs = new Map<string, { readonly name: string; schema: JsonSchema }>();
  readonly #notes = new Set<string>();
  /** Messages that are being written. */
  readonly #open = new Set<string>();

  constructor(private readonly comments: ReadonlyMap<object, string>) {}

  whole(message: DescMessage): MessageSchema {
    const own = this.#wellKnown(message) ?? this.#object(message);
    // A wrapper or a value alone is no object, and arguments are one.
    const schema = own['type'] === 'object' ? own : { type: 'object', additionalProperties: false };
    if (schema !== own) this.#notes.add(`its request ${message.typeName} is no object in JSON`);
    const defs = [...this.#defs.values()].map((one) => [one.name, one.schema] as const);
    const definitions = defs.length > 0 ? { $defs: Object.fromEntries(defs) } : {};
    return { schema: { ...schema, ...definitions }, notes: [...this.#notes] };
  }

  #object(message: DescMessage): JsonSchema {
    this.#open.add(message.typeName);
    const properties: [string, JsonSchema][] = [];
    const required: string[] = [];
    for (const field of message.fields) {
      if (!propertyName.test(field.jsonName)) {
        this.#notes.add(`left out: the field ${field.jsonName}, whose name providers refuse`);
        continue;
      }
      properties.push([field.jsonName, this.#field(field)]);
      if (isRequired(field)) required.push(field.jsonName);
    }
    this.#open.delete(message.typeName);
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    };
  }

  #field(field: DescField): JsonSchema {
    const schema = this.#typeOf(field);
    const others = (field.oneof?.fields ?? []).map(({ jsonName }) => jsonName);
    const said = [
      field.deprecated ? 'Deprecated.' : '',
      this.comments.get(field.proto) ?? '',
      others.length > 1 ? `Only one of ${others.join(', ')}.` : '',
    ].filter((text) => text !== '');
    return said.length === 0 ? schema : { description: said.join(' ').slice(0, descriptionCharsMax), ...schema };
  }

  #typeOf(field: DescField): JsonSchema {
    switch (field.fieldKind) {
      case 'scalar':
        return ofScalar[field.scalar];
      case 'enum':
        return this.#enum(field.enum);
      case 'message':
        return this.#message(field.message);
      case 'list':
        return { type: 'array', items: this.#item(field) };
      case 'map':
        return { type: 'object', ...keysOf(field.mapKey), additionalProperties: this.#item(field) };
    }
  }

  #item(field: DescField & { readonly fieldKind: 'list' | 'map' }): JsonSchema {
    if (field.message) return this.#message(field.message);
    return field.enum ? this.#enum(field.enum) : ofScalar[field.scalar!];
  }

  #enum({ typeName, values }: DescEnum): JsonSchema {
    if (typeName === 'google.protobuf.NullValue') return { type: 'null' };
    return { type: 'string', enum: values.map(({ name }) => name) };
  }

  #message(message: DescMessage): JsonSchema {
    const wellKnown = this.#wellKnown(message);
    if (wellKnown) return wellKnown;
    if (this.#open.has(message.typeName)) this.#notes.add(`${message.typeName} may hold itself`);
    let known = this.#defs.get(message.typeName);
    if (!known) {
      known = { name: this.#nameOf(message), schema: {} };
      this.#defs.set(message.typeName, known);
      known.schema = this.#object(message);
    }
    return { $ref: `#/$defs/${known.name}` };
  }

  #wellKnown({ typeName }: DescMessage): JsonSchema | undefined {
    const prefix = 'google.protobuf.';
    return typeName.startsWith(prefix) ? ofWellKnown[typeName.slice(prefix.length)] : undefined;
  }

  /** Short where nothing else is called so. */
  #nameOf({ name, typeName }: DescMessage): string {
    const taken = [...this.#defs.values()].some((one) => one.name === name);
    return taken ? typeName : name;
  }
}

/** Of a map: JSON has only texts for keys. */
function keysOf(key: ScalarType): JsonSchema {
  if (key === ScalarType.STRING) return {};
  return { propertyNames: { pattern: key === ScalarType.BOOL ? '^(true|false)$' : '^-?[0-9]{1,20}$' } };
}

function isRequired({ proto }: DescField): boolean {
  if (proto.label === FieldDescriptorProto_Label.REQUIRED) return true;
  const unknown = proto.options?.$unknown ?? [];
  return unknown.some(({ no, data }) => no === fieldBehavior.number && data[0] === fieldBehavior.required);
}
