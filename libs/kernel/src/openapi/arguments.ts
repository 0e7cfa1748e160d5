/**
 * From the parameters and the body of an operation to one flat list of arguments, each with the place where it travels.
 * What a binding cannot express is left out when it is optional, with a note, and otherwise keeps the operation out.
 */
import type { ArgumentStyle } from '../catalog/manifest.js';
import { headerName, isArgumentHeader } from '../toolcall/tool-headers.js';
import type { JsonObject, OpenApiDocument } from './document.js';
import { NotImported, bounded, parameterDescriptionCharsMax } from '../imports/imported.js';
import { isObject, quoted } from './document.js';
import { flatBodyOf } from './flat-body.js';
import type { Schema, SchemaTranslation } from './schema-translation.js';
import { ArgumentNames } from '../imports/names.js';

export interface Argument {
  /** Unique among the arguments of its tool. */
  readonly name: string;
  readonly wireName: string;
  /** `whole`: it is the body, rather than a part of it. */
  readonly location: 'path' | 'query' | 'header' | 'body' | 'whole';
  readonly schema: Schema;
  readonly required: boolean;
  readonly style?: ArgumentStyle | undefined;
}

export interface Arguments {
  readonly list: readonly Argument[];
  readonly body: 'none' | 'arguments' | 'form';
  /** What a reviewer should know. */
  readonly notes: readonly string[];
}

export interface OperationParts {
  readonly method: string;
  readonly path: string;
  readonly pathItem: JsonObject;
  readonly operation: JsonObject;
}

/** Fields of one: a person could not review more, nor a model use them. */
const argumentsMax = 500;

/** Throws NotImported. */
export function argumentsOf(
  parts: OperationParts,
  document: OpenApiDocument,
  translation: SchemaTranslation,
): Arguments {
  return new ArgumentList(parts, document, translation).build();
}

class ArgumentList {
  readonly #list: Argument[] = [];
  readonly #notes: string[] = [];
  readonly #names = new ArgumentNames();

  constructor(
    private readonly parts: OperationParts,
    private readonly document: OpenApiDocument,
    private readonly translation: SchemaTranslation,
  ) {}

  build(): Arguments {
    const parameters = this.#parameters();
    const inPath = new Set([...this.parts.path.matchAll(/\{([^{}]+)\}/g)].map((found) => found[1]!));
    for (const wireName of inPath) {
      const declared = parameters.find((one) => one['in'] === 'path' && one['name'] === wireName);
      if (!declared) throw new NotImported(`its path names {${wireName}}, which no parameter declares`);
      this.#takePath(declared);
    }
    for (const one of parameters) {
      if (one['in'] === 'query') this.#takeQuery(one);
      else if (one['in'] === 'header') this.#takeHeader(one);
      else if (one['in'] === 'cookie') this.#leaveOut(one, 'cookies cannot be arguments');
      else if (one['in'] === 'path' && !inPath.has(String(one['name']))) this.#note(one, 'is not in the path');
    }
    const body = this.#takeBody();
    if (this.#list.length > argumentsMax) throw new NotImported(`it has more than ${argumentsMax} arguments`);
    return { list: this.#list, body, notes: this.#notes };
  }

  /** Those of the operation replace those of its path that have the same place and name. */
  #parameters(): JsonObject[] {
    const byKey = new Map<string, JsonObject>();
    for (const given of [this.parts.pathItem['parameters'], this.parts.operation['parameters']]) {
      if (!Array.isArray(given)) continue;
      for (const one of given.map((each) => this.document.object(each))) {
        if (typeof one?.['name'] !== 'string' || one['name'] === '') throw new NotImported('a parameter has no name');
        byKey.set(`${String(one['in'])} ${one['name']}`, one);
      }
    }
    return [...byKey.values()];
  }

  #takePath(parameter: JsonObject): void {
    const { style = 'simple' } = parameter;
    const wireName = String(parameter['name']);
    const kind = this.#kindOf(parameter);
    if (style !== 'simple') throw new NotImported(`the style ${String(style)} of {${wireName}} cannot be written`);
    if (kind !== 'value') throw new NotImported(`{${wireName}} is no single value`);
    this.#add(parameter, 'path');
  }

  #takeQuery(parameter: JsonObject): void {
    const style = this.#queryStyle(parameter);
    if (style === undefined) return this.#leaveOut(parameter, `its style cannot be written`);
    this.#add(parameter, 'query', style === 'plain' ? undefined : style);
  }

  /** Undefined for one that a binding cannot express. */
  #queryStyle(parameter: JsonObject): ArgumentStyle | 'plain' | undefined {
    const { style = 'form', explode = style === 'form' } = parameter;
    const kind = this.#kindOf(parameter);
    if (isObject(parameter['content'])) return kind === 'list' ? 'json' : 'plain';
    if (kind === 'value') return 'plain';
    if (kind === 'object') return style === 'deepObject' ? 'deep' : style === 'form' && explode ? 'spread' : undefined;
    if (explode) return style === 'deepObject' ? undefined : 'plain';
    const joined = { form: 'comma', spaceDelimited: 'space', pipeDelimited: 'pipe' } as const;
    return joined[style as keyof typeof joined];
  }

  #takeHeader(parameter: JsonObject): void {
    const name = String(parameter['name']);
    // OpenAPI itself says that these three are no parameters.
    if (['accept', 'content-type', 'authorization'].includes(name.toLowerCase()))
      return this.#note(parameter, 'is not an argument');
    if (!isArgumentHeader(name)) return this.#note(parameter, 'is set by the fleet itself');
    const kind = this.#kindOf(parameter);
    if (!headerName.test(name)) return this.#leaveOut(parameter, 'it is no header name');
    if (kind === 'object' || isObject(parameter['content'])) return this.#leaveOut(parameter, 'it is no single value');
    this.#add(parameter, 'header', kind === 'list' ? 'comma' : undefined);
  }

  #takeBody(): 'none' | 'arguments' | 'form' {
    const body = this.document.object(this.parts.operation['requestBody']);
    if (!body) return 'none';
    const required = body['required'] === true;
    const { kind, schema } = mediaOf(body['content'], this.document);
    if (this.parts.method === 'GET') {
      if (required) throw new NotImported('it is a GET with a body');
      this.#notes.push('The body is left out: a GET carries none.');
      return 'none';
    }
    const flat = flatBodyOf(schema, this.document, this.translation);
    if (kind === 'form' && !flat) throw new NotImported('its form is no plain object');
    if (!flat) {
      this.#whole(body, schema, required);
      return 'arguments';
    }
    if (!required && flat.some((one) => one.required))
      this.#notes.push('The body is optional in the document, its required members are not: it is always sent.');
    for (const one of flat) {
      const name = this.#names.take(one.name, 'body');
      const schemaOfOne = this.translation.translate(one.schema);
      this.#list.push({ name, wireName: one.name, location: 'body', schema: schemaOfOne, required: one.required });
    }
    return kind === 'form' ? 'form' : 'arguments';
  }

  #whole(body: JsonObject, schema: unknown, required: boolean): void {
    const name = this.#names.take('body', 'body');
    const described = withDescription(this.translation.translate(schema ?? {}), body['description']);
    this.#list.push({ name, wireName: name, location: 'whole', schema: described, required });
  }

  #add(parameter: JsonObject, location: 'path' | 'query' | 'header', style?: ArgumentStyle): void {
    const wireName = String(parameter['name']);
    const name = this.#names.take(wireName, location);
    const schema = withDescription(this.translation.translate(this.#schemaOf(parameter)), parameter['description']);
    const required = location === 'path' || parameter['required'] === true;
    this.#list.push({ name, wireName, location, schema, required, style });
  }

  #schemaOf(parameter: JsonObject): unknown {
    const { content, schema } = parameter;
    return isObject(content) ? this.document.object(Object.values(content)[0])?.['schema'] : (schema ?? {});
  }

  #kindOf(parameter: JsonObject): 'value' | 'list' | 'object' {
    const schema = this.document.object(this.#schemaOf(parameter)) ?? {};
    const has = (name: string) => (Array.isArray(schema['type']) ? schema['type'] : [schema['type']]).includes(name);
    if (has('array') || schema['items'] !== undefined) return 'list';
    return has('object') || isObject(schema['properties']) ? 'object' : 'value';
  }

  #leaveOut(parameter: JsonObject, reason: string): void {
    if (parameter['required'] === true)
      throw new NotImported(`it needs the ${String(parameter['in'])} parameter ${nameOf(parameter)}: ${reason}`);
    this.#notes.push(`The ${String(parameter['in'])} parameter ${nameOf(parameter)} is left out: ${reason}.`);
  }

  #note(parameter: JsonObject, reason: string): void {
    this.#notes.push(`The ${String(parameter['in'])} parameter ${nameOf(parameter)} is left out: it ${reason}.`);
  }
}

const nameOf = (parameter: JsonObject) => quoted(String(parameter['name']));

/** The words at the parameter say more than those at its schema. */
function withDescription(schema: Schema, description: unknown): Schema {
  if (typeof description !== 'string' || description.trim() === '') return schema;
  const said = { description: bounded(description, parameterDescriptionCharsMax) };
  return schema === true ? said : schema === false ? { ...said, not: {} } : { ...schema, ...said };
}

/** JSON before a form; the others cannot be written. Throws NotImported. */
function mediaOf(content: unknown, document: OpenApiDocument): { kind: 'json' | 'form'; schema: unknown } {
  const types = isObject(content) ? Object.keys(content) : [];
  const typeOf = (key: string) => key.split(';')[0]!.trim().toLowerCase();
  const json = types.find((key) => /^(application\/json|\*\/\*|application\/\*|[^/]+\/[^/]*\+json)$/.test(typeOf(key)));
  const form = types.find((key) => typeOf(key) === 'application/x-www-form-urlencoded');
  const found = json ?? form;
  if (found === undefined) {
    throw new NotImported(
      types.length > 0 ? `its body is ${types.map(typeOf).join(' or ')}` : 'its body has no content',
    );
  }
  const media = document.object((content as JsonObject)[found]);
  return { kind: json === undefined ? 'form' : 'json', schema: media?.['schema'] };
}
