/**
 * From an OpenAPI document to tools and upstreams, in the order of the document. Every operation ends up in one of two
 * lists: imported, or reported with the reason why not. Pure: the same document gives the same result.
 */
import { bindingPath, type HttpBinding } from '../catalog/manifest.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import type { ImportedTool, ReportedOperation } from '../imports/imported.js';
import { NotImported, assertParameters, bounded, descriptionCharsMax } from '../imports/imported.js';
import { ToolNames, slugOf } from '../imports/names.js';
import type { Argument, Arguments, OperationParts } from './arguments.js';
import { argumentsOf } from './arguments.js';
import type { JsonObject, OpenApiDocument } from './document.js';
import { isObject } from './document.js';
import { guessOf } from './guess.js';
import { SchemaTranslation } from './schema-translation.js';
import type { ImportedUpstream } from './upstreams.js';
import { Upstreams } from './upstreams.js';

export interface ImportOptions {
  /** Of the upstream; without it, from the title of the document. */
  readonly upstream?: string | undefined;
  /** Before the name of every tool. */
  readonly prefix?: string | undefined;
  /** Where the document came from, when servers are relative to it. */
  readonly sourceUrl?: string | undefined;
}

/** A tool that is one operation of an API. */
export interface OperationTool extends ImportedTool {
  readonly http: HttpBinding;
}

export interface OpenApiImport {
  readonly title: string;
  readonly upstreams: readonly ImportedUpstream[];
  readonly tools: readonly OperationTool[];
  readonly reported: readonly ReportedOperation[];
  /** Operations of paths that only refer to another path's; they are counted among the others, too. */
  readonly byReference: number;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const methodsOfTools: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies HttpBinding['method'][];
const queryMax = 100;

export function importOpenApi(document: OpenApiDocument, options: ImportOptions = {}): OpenApiImport {
  return new Importer(document, options).run();
}

class Importer {
  readonly #tools: OperationTool[] = [];
  readonly #reported: ReportedOperation[] = [];
  readonly #names: ToolNames;
  readonly #upstreams: Upstreams;
  readonly #validators = new ArgumentValidators();
  readonly #title: string;
  #byReference = 0;

  constructor(
    private readonly document: OpenApiDocument,
    options: ImportOptions,
  ) {
    const { info } = document.root;
    this.#title = isObject(info) && typeof info['title'] === 'string' ? bounded(info['title'], 200) : '';
    this.#names = new ToolNames(options.prefix ?? '');
    this.#upstreams = new Upstreams(document, options.upstream ?? (slugOf(this.#title) || 'api'), options.sourceUrl);
  }

  run(): OpenApiImport {
    const { paths } = this.document.root;
    for (const [path, item] of isObject(paths) ? Object.entries(paths) : []) {
      if (path.startsWith('/')) this.#takePath(path, item);
      else if (!path.startsWith('x-')) this.#reported.push({ operation: path, reason: 'it does not begin with /' });
    }
    const upstreams = this.#upstreams.list;
    const [title, byReference] = [this.#title, this.#byReference];
    return { title, upstreams, tools: this.#tools, reported: this.#reported, byReference };
  }

  #takePath(path: string, item: unknown): void {
    let pathItem: JsonObject | undefined;
    try {
      pathItem = this.document.object(item);
    } catch (error) {
      this.#reported.push({ operation: path, reason: reasonOf(error) });
    }
    for (const [key, operation] of Object.entries(pathItem ?? {})) {
      if (!methods.includes(key)) continue;
      if (isObject(item) && item['$ref'] !== undefined) this.#byReference += 1;
      const method = key.toUpperCase();
      try {
        if (!isObject(operation)) throw new NotImported('it is no object');
        if (!methodsOfTools.includes(method)) throw new NotImported(`tools cannot use ${method}`);
        this.#tools.push(this.#tool({ method, path, pathItem: pathItem!, operation }));
      } catch (error) {
        this.#reported.push({ operation: `${method} ${path}`, reason: reasonOf(error) });
      }
    }
  }

  #tool(parts: OperationParts): OperationTool {
    const { method, path, pathItem, operation } = parts;
    const translation = new SchemaTranslation(this.document);
    const args = argumentsOf(parts, this.document, translation);
    const parameters = parametersOf(args.list, translation.definitions());
    assertParameters({ name: `${method} ${path}`, parameters }, this.#validators);
    const http = bindingOf(parts, args, this.#upstreams.nameFor(pathItem, operation));
    const tags: unknown[] = Array.isArray(operation['tags']) ? operation['tags'] : [];
    return {
      // Last: an operation that is not imported takes no name.
      name: this.#names.take(operation['operationId'], method.toLowerCase(), path),
      group: typeof tags[0] === 'string' ? tags[0] : '',
      operation: `${method} ${path}`,
      description: descriptionOf(parts),
      deprecated: operation['deprecated'] === true,
      ...guessOf(method, operation),
      parameters,
      http,
      notes: args.notes,
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NotImported) return error.message;
  throw error;
}

function descriptionOf({ method, path, pathItem, operation }: OperationParts): string {
  const texts = [operation['summary'] ?? pathItem['summary'], operation['description'] ?? pathItem['description']]
    .filter((text) => typeof text === 'string')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const whole = texts[1]?.startsWith(texts[0]!) ? texts[1] : texts.join('\n\n');
  const said = bounded(whole, descriptionCharsMax) || `${method} ${path}`;
  return operation['deprecated'] === true ? `Deprecated. ${said}` : said;
}

function parametersOf(list: readonly Argument[], defs: JsonObject): JsonObject {
  const required = list.filter((one) => one.required).map((one) => one.name);
  return {
    type: 'object',
    properties: Object.fromEntries(list.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  };
}

/** Optional fields only where they say something: the reviewer reads them. */
function bindingOf(parts: OperationParts, { list, body }: Arguments, upstream: string): HttpBinding {
  const at = (...places: Argument['location'][]) => list.filter(({ location }) => places.includes(location));
  const names = at('query', 'header', 'body').filter(({ name, wireName }) => name !== wireName);
  const styles = list.flatMap(({ name, style }) => (style === undefined ? [] : [[name, style] as const]));
  const ofPath = new Map(at('path').map(({ name, wireName }) => [wireName, name]));
  const path = parts.path.replace(/\{([^{}]+)\}/g, (_, wireName: string) => `{${ofPath.get(wireName) ?? wireName}}`);
  if (!bindingPath.test(path)) throw new NotImported('its path has a query, a fragment or spaces');
  const query = at('query').map(({ name }) => name);
  if (query.length > queryMax) throw new NotImported(`it has more than ${queryMax} query parameters`);
  const headers = at('header').map(({ name }) => name);
  const [whole] = at('whole');
  return {
    upstream,
    method: parts.method as HttpBinding['method'],
    path,
    query,
    ...(headers.length > 0 ? { headers } : {}),
    body,
    ...(whole ? { bodyArgument: whole.name } : {}),
    ...(names.length > 0 ? { names: Object.fromEntries(names.map(({ name, wireName }) => [name, wireName])) } : {}),
    ...(styles.length > 0 ? { styles: Object.fromEntries(styles) } : {}),
  };
}
