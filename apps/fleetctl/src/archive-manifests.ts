/** Archives tools in the files of their manifests, for review: everything else of a file stays as somebody wrote it. */
import { writeFile } from 'node:fs/promises';
import type { UnusedTool } from '@toolfleet/kernel';
import { findManifestFiles, readManifestFiles } from '@toolfleet/platform/catalog';
import type { Document } from 'yaml';
import { parseAllDocuments } from 'yaml';

export interface ArchivedTool {
  readonly name: string;
  readonly version: string;
  readonly file: string;
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
      return tool && wanted.has(`${tool.name}@${tool.version}`) ? [{ document, tool }] : [];
    });
    if (own.length === 0) continue;
    for (const { document, tool } of own) {
      document.setIn(['spec', 'visibility'], 'archived');
      document.commentBefore = [document.commentBefore, ` ${note}`].filter((line) => line).join('\n');
      archived.push({ ...tool, file: path });
    }
    // oxlint-disable-next-line no-await-in-loop -- a few small files
    await writeFile(path, documents.map((document) => document.toString()).join(''));
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
