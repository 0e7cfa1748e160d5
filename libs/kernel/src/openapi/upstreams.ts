/**
 * Where the operations of a document are served, and how its callers show who they are. The first server counts, its
 * variables filled with their defaults. A credential belongs to the first upstream alone: the document could name any host.
 */
import { headerName, reservedHeaders } from '../toolcall/tool-headers.js';
import type { JsonObject, OpenApiDocument } from './document.js';
import { isObject } from './document.js';

export interface ImportedUpstream {
  readonly name: string;
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export class Upstreams {
  readonly #byUrl = new Map<string, ImportedUpstream>();

  constructor(
    private readonly document: OpenApiDocument,
    private readonly name: string,
    private readonly sourceUrl: string | undefined,
  ) {
    this.#add(this.#baseUrlOf(document.root['servers']), credentialOf(document, name));
  }

  get list(): readonly ImportedUpstream[] {
    return [...this.#byUrl.values()];
  }

  /** Of an operation: its own servers, else those of its path, else those of the document. */
  nameFor(pathItem: JsonObject, operation: JsonObject): string {
    const own = [operation['servers'], pathItem['servers']].find((list) => Array.isArray(list) && list.length > 0);
    const baseUrl = this.#baseUrlOf(own ?? this.document.root['servers']);
    const notes = ['Named by single operations. Give it a credential of its own if it needs one.'];
    return (this.#byUrl.get(baseUrl) ?? this.#add(baseUrl, { headers: {}, notes })).name;
  }

  #add(baseUrl: string, credential: Pick<ImportedUpstream, 'headers' | 'notes'>): ImportedUpstream {
    const count = this.#byUrl.size + 1;
    const upstream = { name: count === 1 ? this.name : `${this.name}-${count}`, baseUrl, ...credential };
    this.#byUrl.set(baseUrl, upstream);
    return upstream;
  }

  /** A relative one is relative to where the document came from; of a file, the reader has to say where that is. */
  #baseUrlOf(servers: unknown): string {
    const first: unknown = Array.isArray(servers) ? servers[0] : undefined;
    const template = isObject(first) && typeof first['url'] === 'string' ? first['url'] : '/';
    const variables = isObject(first) && isObject(first['variables']) ? first['variables'] : {};
    const text = template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return isObject(variable) && variable['default'] !== undefined ? String(variable['default']) : whole;
    });
    const url = URL.parse(text, this.sourceUrl);
    if (url && ['http:', 'https:'].includes(url.protocol) && !/[{}]/.test(text)) return plain(url);
    const path = /^\/[^\s?#{}]*$/.test(text) ? text.replace(/\/$/, '') : '';
    return `\${TOOLFLEET_UPSTREAM_${variableOf(this.name)}}${path}`;
  }
}

const plain = ({ origin, pathname }: URL) => (origin + pathname).replace(/\/$/, '');

/** A base URL may name no variable that sounds like a secret. */
function variableOf(name: string): string {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return /KEY|SECRET|TOKEN|PASSWORD|DATABASE/.test(words) ? 'URL' : `${words}_URL`;
}

/** The first scheme that a header can carry is filled in; all are told. */
function credentialOf(document: OpenApiDocument, name: string): Pick<ImportedUpstream, 'headers' | 'notes'> {
  const components = document.root['components'];
  const schemes = isObject(components) && isObject(components['securitySchemes']) ? components['securitySchemes'] : {};
  const variable = `{env:TOOLFLEET_CREDENTIAL_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}}`;
  const told = Object.entries(schemes).map(([scheme, value]) => {
    const header = headerOf(isObject(value) && typeof value['$ref'] !== 'string' ? value : {}, variable);
    return { scheme, header, kind: kindOf(isObject(value) ? value : {}) };
  });
  const preferred = requiredSchemes(document.root['security']);
  const usable = told.filter(({ header }) => header !== undefined);
  const chosen = usable.find(({ scheme }) => preferred.includes(scheme)) ?? usable[0];
  return {
    headers: chosen?.header ? { [chosen.header[0]]: chosen.header[1] } : {},
    notes: told.map(({ scheme, kind, header }) => {
      const way = header ? `${header[0]}: ${header[1]}` : 'no header can carry it';
      return `security scheme ${scheme} (${kind}): ${way}${scheme === chosen?.scheme ? ', filled in below' : ''}`;
    }),
  };
}

const requiredSchemes = (security: unknown): string[] =>
  Array.isArray(security) ? security.flatMap((one) => (isObject(one) ? Object.keys(one) : [])) : [];

const kindOf = ({ type, scheme, in: place }: JsonObject) =>
  [type, scheme, place].filter((part) => typeof part === 'string').join(' ') || 'unknown';

function headerOf(value: JsonObject, variable: string): readonly [string, string] | undefined {
  const { type, name, in: place } = value;
  const scheme = String(value['scheme']).toLowerCase();
  if (type === 'oauth2' || type === 'openIdConnect') return ['Authorization', `Bearer ${variable}`];
  if (type === 'http') {
    if (scheme === 'bearer') return ['Authorization', `Bearer ${variable}`];
    return scheme === 'basic' ? ['Authorization', `Basic ${variable}`] : undefined;
  }
  const fits = typeof name === 'string' && headerName.test(name);
  if (type !== 'apiKey' || place !== 'header' || !fits) return undefined;
  return reservedHeaders.includes(name.toLowerCase()) ? undefined : [name, variable];
}
