/**
 * From what an MCP server lists to tools, in the order of its list. Every entry ends up in one of two lists: imported, or
 * reported with the reason why not. Pure: the same list gives the same result.
 */
import { ArgumentValidators } from '../toolcall/schema.js';
import { invalid } from '../fault.js';
import type { Guess, ImportedTool, ReportedOperation } from './imported.js';
import { NotImported, assertParameters, bounded, descriptionCharsMax } from './imported.js';
import type { JsonObject } from '../openapi/document.js';
import { isObject } from '../openapi/document.js';
import { ToolNames, slugOf } from './names.js';

export interface McpImportOptions {
  /** Name of the McpServer; without it, from the server's own name. */
  readonly server?: string | undefined;
  /** Before the name of every tool. */
  readonly prefix?: string | undefined;
}

export interface McpImport {
  readonly server: string;
  readonly title: string;
  readonly tools: readonly ImportedTool[];
  readonly reported: readonly ReportedOperation[];
}

const toolsMax = 10_000;

/** `listing`: `{serverInfo?: {name}, tools: [...]}`, as the answers to the protocol's questions. Throws `invalid`. */
export function importMcp(listing: unknown, { server, prefix }: McpImportOptions = {}): McpImport {
  const listed = isObject(listing) ? listing : {};
  const entries = listed['tools'];
  if (!Array.isArray(entries)) {
    throw invalid('MCP_LIST_UNKNOWN', 'The source is no list of tools of an MCP server.', {
      hint: 'It must be an object with the list `tools`, as the answer to `tools/list`.',
    });
  }
  if (entries.length > toolsMax) throw invalid('MCP_LIST_TOO_LONG', `The server lists more than ${toolsMax} tools.`);
  const { serverInfo } = listed;
  const title = isObject(serverInfo) && typeof serverInfo['name'] === 'string' ? bounded(serverInfo['name'], 200) : '';
  const name = server ?? (slugOf(title) || 'mcp');
  const importer = new Importer(name, prefix ?? '');
  for (const [index, entry] of entries.entries()) importer.take(entry, index);
  return { server: name, title, tools: importer.tools, reported: importer.reported };
}

class Importer {
  readonly tools: ImportedTool[] = [];
  readonly reported: ReportedOperation[] = [];
  readonly #names: ToolNames;
  readonly #validators = new ArgumentValidators();
  readonly #seen = new Set<string>();

  constructor(
    private readonly server: string,
    prefix: string,
  ) {
    this.#names = new ToolNames(prefix);
  }

  take(entry: unknown, index: number): void {
    const operation =
      isObject(entry) && typeof entry['name'] === 'string' ? bounded(entry['name'], 200) : `#${index + 1}`;
    try {
      this.tools.push(this.#tool(entry, operation));
    } catch (error) {
      if (!(error instanceof NotImported)) throw error;
      this.reported.push({ operation, reason: error.message });
    }
  }

  #tool(entry: unknown, operation: string): ImportedTool {
    if (!isObject(entry)) throw new NotImported('it is no object');
    const { name } = entry;
    if (typeof name !== 'string' || name === '') throw new NotImported('it has no name');
    if (name.length > 200) throw new NotImported('its name is longer than 200 characters');
    if (this.#seen.has(name)) throw new NotImported('the server lists the name twice');
    if (isTaskOnly(entry)) throw new NotImported('the server runs it only as a task');
    const parameters = parametersOf(entry['inputSchema']);
    assertParameters({ name, parameters }, this.#validators);
    this.#seen.add(name);
    const description = descriptionOf(entry, name);
    const ours = this.#names.take(name, this.server, name);
    return {
      name: ours,
      group: '',
      operation,
      description,
      deprecated: /\bdeprecated\b/i.test(description.slice(0, 200)),
      ...guessOf(entry),
      parameters,
      mcp: { server: this.server, ...(ours === name ? {} : { tool: name }) },
      notes: [],
    };
  }
}

/** The protocol means 2020-12 where nothing is said; `title` and such are for forms and cost the model tokens. */
function parametersOf(inputSchema: unknown): JsonObject {
  if (inputSchema === undefined) return { type: 'object', properties: {} };
  if (!isObject(inputSchema)) throw new NotImported('its inputSchema is no object');
  const { $schema, title: _title, ...schema } = inputSchema;
  const isDefault = $schema === undefined || /2020-12/.test(String($schema));
  if (schema['type'] !== 'object') throw new NotImported('its arguments are no object');
  return isDefault ? schema : { $schema, ...schema };
}

function descriptionOf(entry: JsonObject, name: string): string {
  const annotations = isObject(entry['annotations']) ? entry['annotations'] : {};
  const said = [entry['description'], entry['title'], annotations['title']].find(
    (text) => typeof text === 'string' && text.trim() !== '',
  );
  return bounded(typeof said === 'string' ? said : name, descriptionCharsMax);
}

/** Hints, says the protocol, and not to be trusted: so they are guesses for a reviewer. */
function guessOf(entry: JsonObject): Guess {
  const annotations = isObject(entry['annotations']) ? entry['annotations'] : {};
  const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint'].filter(
    (hint) => typeof annotations[hint] === 'boolean',
  );
  const guessedFrom =
    hints.length > 0 ? hints.map((hint) => `${hint} ${annotations[hint]}`).join(', ') : 'no annotation';
  if (annotations['readOnlyHint'] === true) return { toolClass: 'read', effect: 'read', riskTier: 'low', guessedFrom };
  const riskTier = annotations['destructiveHint'] === true ? 'high' : 'medium';
  const idempotent = annotations['idempotentHint'] === true;
  return { toolClass: 'write', effect: 'write', riskTier, ...(idempotent ? { idempotent } : {}), guessedFrom };
}

const isTaskOnly = ({ execution }: JsonObject) => isObject(execution) && execution['taskSupport'] === 'required';
