/** From an MCP server, or a record of what one listed, to the files of its manifests. */
import { hexDigestOf, invalid, unreachable } from '@toolfleet/kernel';
import { importMcp } from '@toolfleet/kernel/imports';
import { programEnvironment } from '@toolfleet/platform/config';
import { createFetch } from '@toolfleet/platform/http';
import type { McpEndpoint } from '@toolfleet/platform/mcp';
import { McpConnection } from '@toolfleet/platform/mcp';
import { assertAccepted } from './accepted.js';
import type { CatalogImport } from './catalog-import.js';
import type { ImportChoices, ImportedManifest } from './manifest-text.js';
import { manifestFiles } from './manifest-text.js';
import type { DocumentSource } from './read-source.js';

/** A list that was recorded, a server over HTTP, or the words of a command that starts one. */
export type McpSource =
  | { readonly kind: 'recorded'; readonly document: DocumentSource }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'stdio'; readonly words: readonly string[] };

/** A package that is started through a launcher may be loaded first. */
const listTimeoutMs = 60_000;
const listBytesMax = 32 * 1024 * 1024;

export async function mcpImport(
  source: McpSource,
  recordedAs: string | readonly string[],
  choices: ImportChoices,
): Promise<CatalogImport> {
  const listing = source.kind === 'recorded' ? source.document.parsed : await listingOf(source, choices);
  const { upstream, prefix, headers } = choices;
  const { title, server, tools, reported } = importMcp(listing, { server: upstream, prefix });
  const sha256 = source.kind === 'recorded' ? source.document.sha256 : hexDigestOf(JSON.stringify(listing));
  const upstreams = [manifestOf(source, server, headers ?? {})];
  const origin = { kind: 'mcp' as const, source: recordedAs, sha256, upstream, prefix, headers };
  const files = manifestFiles({ tools, upstreams }, origin);
  assertAccepted(files);
  return { files, sha256, title, tools, reported, upstreams, problems: [] };
}

async function listingOf(
  source: Exclude<McpSource, { kind: 'recorded' }>,
  { headers = {} }: ImportChoices,
): Promise<object> {
  const fetches = createFetch({ connectionsMax: 4 });
  const connection = new McpConnection({
    endpoint: endpointOf(source, headers),
    fetch: fetches.fetch,
    messageBytesMax: listBytesMax,
    connectTimeoutMs: listTimeoutMs,
  });
  try {
    const signal = AbortSignal.timeout(listTimeoutMs);
    const tools = await connection.tools({ signal, deadlineAtMs: Date.now() + listTimeoutMs });
    const serverInfo = connection.server;
    return { ...(serverInfo ? { serverInfo: { name: serverInfo.name } } : {}), tools };
  } catch (cause) {
    const what = source.kind === 'http' ? source.url : source.words.join(' ');
    throw unreachable('SOURCE_REFUSED', `The MCP server ${JSON.stringify(what)} did not list its tools.`, { cause });
  } finally {
    await connection.close();
    await fetches.close();
  }
}

function endpointOf(
  source: Exclude<McpSource, { kind: 'recorded' }>,
  headers: Readonly<Record<string, string>>,
): McpEndpoint {
  if (source.kind === 'http') {
    const filled = Object.entries(headers).map(([name, template]) => [name, filledFromEnvironment(template)]);
    return { kind: 'http', url: source.url, headers: Object.fromEntries(filled) };
  }
  const [command = '', ...args] = source.words;
  return { kind: 'stdio', command, args, environment: programEnvironment() };
}

/** The same templates as in the manifest, so that no secret is written down. */
function filledFromEnvironment(template: string): string {
  return template.replace(/\{env:([A-Z0-9_]+)\}/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw invalid('CREDENTIAL_MISSING', `The variable ${name} is not set.`);
    return value;
  });
}

function manifestOf(source: McpSource, name: string, headers: Readonly<Record<string, string>>): ImportedManifest {
  const credential = Object.keys(headers).length > 0 ? { credential: { headers } } : {};
  const kind = 'McpServer';
  switch (source.kind) {
    case 'http':
      return { kind, name, spec: { http: { url: source.url, ...credential } }, notes: [] };
    case 'recorded': {
      const variable = `TOOLFLEET_MCP_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
      const notes = ['The record does not say where the server is.'];
      return { kind, name, spec: { http: { url: `\${${variable}}`, ...credential } }, notes };
    }
    case 'stdio': {
      const [command = '', ...args] = source.words;
      const notes = ['A process is for directories of operators, and its command for TOOLFLEET_EXECUTOR_MCP_COMMANDS.'];
      return { kind, name, spec: { stdio: { command, args } }, notes };
    }
  }
}
