/**
 * An OpenAPI document as it was parsed, and the one way to follow its references: within the document, never to a file or
 * the network. Nothing is expanded here, so a document costs what its text does, whatever refers to what.
 */
import { NotImported } from '../imports/imported.js';
import { invalid } from '../fault.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of values and objects: a large public API has half a million. */
const nodesMax = 2_000_000;
/** Deeper than any document that people write, shallower than the stack. */
const depthMax = 200;
/** References that only lead to another one. */
const hopsMax = 20;

export class OpenApiDocument {
  constructor(readonly root: JsonObject) {}

  /** What `value` is or refers to, and the reference it was found under. Throws NotImported. */
  follow(value: unknown): { readonly value: unknown; readonly ref?: string } {
    let found: { value: unknown; ref?: string } = { value };
    for (let hops = 0; isObject(found.value) && typeof found.value['$ref'] === 'string'; hops++) {
      const ref = found.value['$ref'];
      if (hops === hopsMax) throw new NotImported(`the reference ${quoted(ref)} leads only to other references`);
      found = { value: this.at(ref), ref };
    }
    return found;
  }

  /** The object that `value` is or refers to; undefined when it is none. Throws NotImported. */
  object(value: unknown): JsonObject | undefined {
    const found = this.follow(value).value;
    return isObject(found) ? found : undefined;
  }

  /** Throws NotImported for a reference that leads elsewhere or nowhere. */
  at(ref: string): unknown {
    if (!ref.startsWith('#')) throw new NotImported(`${quoted(ref)} refers to something outside of the document`);
    let node: unknown = this.root;
    for (const step of ref.split('/').slice(1).map(unescaped)) {
      const known = typeof node === 'object' && node !== null && Object.hasOwn(node, step);
      if (!known) throw new NotImported(`${quoted(ref)} refers to nothing`);
      node = (node as JsonObject)[step];
    }
    return node;
  }
}

/** Texts of documents are of any length; reasons are read by people. */
export const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text);

/** The steps of a JSON Pointer in a URL fragment (RFC 6901, section 6). */
function unescaped(step: string): string {
  const plain = URL.canParse(`x:${step}`) ? safelyDecoded(step) : step;
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}

function safelyDecoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Throws `invalid` OPENAPI_UNKNOWN for what is no OpenAPI 3.0 or 3.1 document, OPENAPI_TOO_LARGE beyond the bounds. */
export function openApiDocument(parsed: unknown): OpenApiDocument {
  if (isObject(parsed) && typeof parsed['swagger'] === 'string') {
    throw invalid('OPENAPI_UNKNOWN', 'This is a Swagger 2.0 document.', {
      hint: 'Convert it to OpenAPI 3 first; editor.swagger.io and swagger2openapi do so.',
    });
  }
  const version = isObject(parsed) ? parsed['openapi'] : undefined;
  if (!isObject(parsed) || typeof version !== 'string' || !/^3\.[01]\.\d+/.test(version)) {
    const said =
      version === undefined ? 'It has no field openapi.' : `Its field openapi is ${quoted(String(version))}.`;
    throw invalid('OPENAPI_UNKNOWN', 'This is no OpenAPI 3.0 or 3.1 document.', { hint: said });
  }
  if (parsed['paths'] !== undefined && !isObject(parsed['paths'])) {
    throw invalid('OPENAPI_UNKNOWN', 'The field paths of the document is no object.');
  }
  assertBounded(parsed);
  return new OpenApiDocument(parsed);
}

/** Aliases of YAML can make a short text a huge tree, or one without end. Throws `invalid` OPENAPI_TOO_LARGE. */
export function assertBounded(root: unknown): void {
  const open: { node: unknown; depth: number }[] = [{ node: root, depth: 0 }];
  for (let nodes = 0, at = open.pop(); at !== undefined; at = open.pop()) {
    nodes += 1;
    if (nodes > nodesMax) throw invalid('OPENAPI_TOO_LARGE', `The document has more than ${nodesMax} values.`);
    if (at.depth > depthMax) throw invalid('OPENAPI_TOO_LARGE', `The document is nested deeper than ${depthMax}.`);
    if (typeof at.node !== 'object' || at.node === null) continue;
    for (const node of Object.values(at.node)) open.push({ node, depth: at.depth + 1 });
  }
}
