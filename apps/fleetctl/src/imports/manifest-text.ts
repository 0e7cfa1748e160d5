/**
 * The manifests of an import as text for reviewers: one file for a tag, in the order of the document, each guess marked.
 * The same import gives the same bytes.
 */
import type { ImportedTool } from '@toolfleet/kernel/imports';
import { apiVersion, type ManifestFile } from '@toolfleet/platform/catalog';
import { Document, isScalar } from 'yaml';

/** What whoever imports may say. */
export interface ImportChoices {
  /** Name of what the tools depend on. */
  readonly upstream?: string | undefined;
  /** Before the name of every tool. */
  readonly prefix?: string | undefined;
  /** Header templates that the source itself wants. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A server that says itself what it has is asked without TLS. */
  readonly plaintext?: boolean | undefined;
  /** File with the certificates that the server's is checked against. */
  readonly ca?: string | undefined;
}

export const importKinds = ['openapi', 'mcp', 'grpc'] as const;

export type ImportKind = (typeof importKinds)[number];

/** What an import was made of, enough to make it again. */
export interface ImportOrigin extends ImportChoices {
  readonly kind: ImportKind;
  /** A URL, a path relative to the directory of the manifests, or the words of a command. */
  readonly source: string | readonly string[];
  readonly sha256: string;
}

/** What tools depend on, and the manifest of it. */
export interface ImportedManifest {
  readonly kind: 'Upstream' | 'McpServer' | 'GrpcService';
  readonly name: string;
  readonly spec: object;
  /** What a reviewer should know. */
  readonly notes: readonly string[];
}

export interface ImportedManifests {
  readonly tools: readonly ImportedTool[];
  readonly upstreams: readonly ImportedManifest[];
}

const originMark = '# import: ';
/** Keeps a file far below what the catalogue reads at once, and a review in one sitting. */
const toolsPerFileMax = 100;

/** Paths are names within the directory. */
export function manifestFiles(imported: ImportedManifests, origin: ImportOrigin): ManifestFile[] {
  const head = headOf(origin);
  const groups = Map.groupBy(imported.tools, ({ group }) => fileSlug(group));
  const files = [{ path: 'upstream.yaml', text: textOf(head, imported.upstreams.map(upstreamText)) }];
  for (const [slug, tools] of groups) {
    for (let from = 0; from < tools.length; from += toolsPerFileMax) {
      const part = from === 0 ? '' : `-${from / toolsPerFileMax + 1}`;
      const texts = tools.slice(from, from + toolsPerFileMax).map(toolText);
      files.push({ path: `tools${slug ? `-${slug}` : ''}${part}.yaml`, text: textOf(head, texts) });
    }
  }
  return files;
}

/** Of a file that an import wrote; undefined for any other. */
export function originOf(text: string): ImportOrigin | undefined {
  const line = text.split('\n', 5).find((one) => one.startsWith(originMark));
  if (line === undefined) return undefined;
  try {
    return JSON.parse(line.slice(originMark.length)) as ImportOrigin;
  } catch {
    return undefined;
  }
}

function headOf({ kind, source, sha256, upstream, prefix, ...asked }: ImportOrigin): string {
  return [
    `# Written by \`fleetctl catalog import ${kind}\`. Class, effect and riskTier are guesses: confirm each.`,
    `${originMark}${JSON.stringify({ kind, source, sha256, upstream, prefix, ...asked })}`,
    '',
  ].join('\n');
}

const textOf = (head: string, manifests: readonly string[]) => `${head}${manifests.join('---\n')}`;

/** Two tags may share a file; a tag of other letters has the one of no tag. A part number is not to be taken for a tag's. */
const fileSlug = (tag: string) =>
  tag
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);

function upstreamText({ kind, name, spec, notes }: ImportedManifest): string {
  return rendered(documentOf({ apiVersion, kind, metadata: { name }, spec }), notes);
}

function toolText(tool: ImportedTool): string {
  const { name, deprecated, toolClass, effect, riskTier, idempotent, description, parameters, http, mcp, grpc } = tool;
  const binding = mcp ? { driver: 'mcp', mcp } : grpc ? { driver: 'grpc', grpc } : { http };
  const document = documentOf({
    apiVersion,
    kind: 'Tool',
    metadata: { name, ...(deprecated ? { labels: { deprecated: 'true' } } : {}) },
    spec: {
      description,
      class: toolClass,
      effect,
      riskTier,
      ...(idempotent ? { idempotent } : {}),
      ...binding,
      parameters,
    },
  });
  for (const field of ['class', 'effect', 'riskTier', 'idempotent']) {
    const node = document.getIn(['spec', field], true);
    if (isScalar(node)) node.comment = ` guessed from ${tool.guessedFrom}`;
  }
  return rendered(document, [tool.operation, ...tool.notes]);
}

/** Written out where one value stands in two places: an anchor is more than a reviewer should have to follow. */
const documentOf = (content: object) => new Document(content, { aliasDuplicateObjects: false });

function rendered(document: Document, comments: readonly string[]): string {
  const lines = comments.map((line) => `# ${oneLine(line)}\n`).join('');
  return lines + document.toString({ lineWidth: 120, singleQuote: true });
}

const oneLine = (text: string) => text.replace(/[^\P{C}]+/gu, ' ');
