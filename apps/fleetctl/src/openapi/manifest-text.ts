/**
 * The manifests of an import as text for reviewers: one file for a tag, in the order of the document, each guess marked.
 * The same import gives the same bytes.
 */
import type { ImportedTool, ImportedUpstream, ImportOptions, OpenApiImport } from '@toolfleet/kernel/openapi';
import { apiVersion, type ManifestFile } from '@toolfleet/platform/catalog';
import { Document, isScalar } from 'yaml';

/** What whoever imports may say. */
export type ImportChoices = Pick<ImportOptions, 'upstream' | 'prefix'>;

/** What an import was made of, enough to make it again. */
export interface ImportOrigin extends ImportChoices {
  /** A URL, or a path relative to the directory of the manifests. */
  readonly source: string;
  readonly sha256: string;
  /** Absent: an OpenAPI document. */
  readonly format?: 'grpc' | undefined;
  /** How a server was asked that said itself what it has. */
  readonly plaintext?: boolean | undefined;
  readonly ca?: string | undefined;
}

const originMark = '# import: ';
/** Keeps a file far below what the catalogue reads at once, and a review in one sitting. */
const toolsPerFileMax = 100;

/** Paths are names within the directory. */
export function manifestFiles(imported: OpenApiImport, origin: ImportOrigin): ManifestFile[] {
  const upstreams = { path: 'upstream.yaml', text: textOf(headOf(origin), imported.upstreams.map(upstreamText)) };
  const tools = imported.tools.map((tool) => ({ group: tool.group, text: toolText(tool, { http: tool.http }) }));
  return [upstreams, ...toolFiles(tools, origin)];
}

/** One file for a group, or several where it is large. */
export function toolFiles(
  tools: readonly { readonly group: string; readonly text: string }[],
  origin: ImportOrigin,
): ManifestFile[] {
  const files: ManifestFile[] = [];
  for (const [slug, ofSlug] of Map.groupBy(tools, ({ group }) => fileSlug(group))) {
    for (let from = 0; from < ofSlug.length; from += toolsPerFileMax) {
      const part = from === 0 ? '' : `-${from / toolsPerFileMax + 1}`;
      const texts = ofSlug.slice(from, from + toolsPerFileMax).map(({ text }) => text);
      files.push({ path: `tools${slug ? `-${slug}` : ''}${part}.yaml`, text: textOf(headOf(origin), texts) });
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

/** `sha256` and the rest, in this order: a second import of the same source gives the same line. */
function headOf({ source, sha256, upstream, prefix, format, plaintext, ca }: ImportOrigin): string {
  return [
    `# Written by \`fleetctl catalog import ${format ?? 'openapi'}\`. Class, effect and riskTier are guesses: confirm each.`,
    `${originMark}${JSON.stringify({ source, sha256, upstream, prefix, format, plaintext, ca })}`,
    '',
  ].join('\n');
}

export const textOfFile = (origin: ImportOrigin, manifests: readonly string[]): string =>
  textOf(headOf(origin), manifests);

const textOf = (head: string, manifests: readonly string[]) => `${head}${manifests.join('---\n')}`;

/** Two tags may share a file; a tag of other letters has the one of no tag. A part number is not to be taken for a tag's. */
const fileSlug = (tag: string) =>
  tag
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);

function upstreamText({ name, baseUrl, headers, notes }: ImportedUpstream): string {
  const credential = Object.keys(headers).length > 0 ? { credential: { headers } } : {};
  const document = documentOf({ apiVersion, kind: 'Upstream', metadata: { name }, spec: { baseUrl, ...credential } });
  return rendered(document, notes);
}

/** `binding`: the driver where it is not the usual one, and its block. */
export function toolText(tool: Omit<ImportedTool, 'http'>, binding: Readonly<Record<string, unknown>>): string {
  const { name, deprecated, toolClass, effect, riskTier, description, parameters } = tool;
  const document = documentOf({
    apiVersion,
    kind: 'Tool',
    metadata: { name, ...(deprecated ? { labels: { deprecated: 'true' } } : {}) },
    spec: { description, class: toolClass, effect, riskTier, ...binding, parameters },
  });
  for (const field of ['class', 'effect', 'riskTier']) {
    const node = document.getIn(['spec', field], true);
    if (isScalar(node)) node.comment = ` guessed from ${tool.guessedFrom}`;
  }
  return rendered(document, [tool.operation, ...tool.notes]);
}

/** Written out where one value stands in two places: an anchor is more than a reviewer should have to follow. */
export const documentOf = (content: object) => new Document(content, { aliasDuplicateObjects: false });

export function rendered(document: Document, comments: readonly string[]): string {
  const lines = comments.map((line) => `# ${oneLine(line)}\n`).join('');
  return lines + document.toString({ lineWidth: 120, singleQuote: true });
}

const oneLine = (text: string) => text.replace(/[^\P{C}]+/gu, ' ');
