/** Archives tools in the files of their manifests, for review: everything else of a file stays as somebody wrote it. */
import { writeFile } from 'node:fs/promises';
import type { UnusedTool } from '@toolfleet/kernel';
import { findManifestFiles, readManifestFiles } from '@toolfleet/platform/catalog';
import type { Document } from 'yaml';
import { isMap, isScalar, parseAllDocuments } from 'yaml';

export interface ArchivedTool {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

/** Of the text of a file: what stands from `from` to `to` becomes `text`. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Those that have a manifest in the directory, and where; others are somebody else's to archive. */
export async function archiveIn(
  directory: string,
  tools: readonly UnusedTool[],
  note: string,
): Promise<ArchivedTool[]> {
  const wanted = new Set(tools.map(({ name, version }) => `${name}@${version}`));
  const archived: ArchivedTool[] = [];
  for (const { path, text, bytes } of await readManifestFiles(await findManifestFiles([directory]))) {
    if (bytes !== undefined) continue;
    const documents = parseAllDocuments(text);
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) continue;
    const own = documents.flatMap((document) => {
      const tool = toolIn(document);
      const edits = tool && wanted.has(`${tool.name}@${tool.version}`) ? editsOf(document, text, note) : [];
      return tool && edits.length > 0 ? [{ tool, edits }] : [];
    });
    if (own.length === 0) continue;
    archived.push(...own.map(({ tool }) => ({ ...tool, file: path })));
    // oxlint-disable-next-line no-await-in-loop -- a few small files
    await writeFile(
      path,
      edited(
        text,
        own.flatMap(({ edits }) => edits),
      ),
    );
  }
  return archived;
}

function toolIn(document: Document): { readonly name: string; readonly version: string } | undefined {
  const content = document.toJS({ maxAliasCount: 100 }) as {
    kind?: unknown;
    metadata?: { name?: unknown };
    spec?: { version?: unknown };
  } | null;
  if (content?.kind !== 'Tool') return undefined;
  return { name: String(content.metadata?.name), version: String(content.spec?.version ?? '1') };
}

/** The note above the manifest and the visibility in its spec; none where the spec stands elsewhere, behind an alias. */
function editsOf(document: Document, text: string, note: string): Edit[] {
  const spec = document.get('spec', true);
  const [first] = isMap(spec) ? spec.items : [];
  if (!isMap(spec) || !first || !isScalar(first.key) || !document.contents?.range) return [];
  const [start] = document.contents.range;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const above = { from: start, to: start, text: `# ${note}${lineEnd}` };
  const known = spec.get('visibility', true);
  if (isScalar(known)) return [above, { from: known.range![0], to: known.range![1], text: 'archived' }];
  const at = first.key.range![0];
  const indent = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  const isBlock = spec.flow !== true && indent.trim() === '';
  const pair = `visibility: archived${isBlock ? `${lineEnd}${indent}` : ', '}`;
  return spec.flow === true || isBlock ? [above, { from: at, to: at, text: pair }] : [];
}

function edited(text: string, edits: readonly Edit[]): string {
  const lastFirst = edits.toSorted((a, b) => b.from - a.from);
  return lastFirst.reduce((made, { from, to, text: put }) => made.slice(0, from) + put + made.slice(to), text);
}
