/** Writes manifests as the files that the fleet reads its catalogue from, so that they pass all checks of a real one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiVersion } from '@toolfleet/platform/catalog';
import type { ManifestDocument } from './plan.js';

/** Of 100 tools, with the longest schemas, stays below the size that a manifest file may have. */
const documentsOfFile = 100;

export async function writeCatalogue(directory: string, documents: readonly ManifestDocument[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = Array.from({ length: Math.ceil(documents.length / documentsOfFile) }, (_, index) =>
    documents.slice(index * documentsOfFile, (index + 1) * documentsOfFile),
  );
  await Promise.all(
    files.map((part, index) => writeFile(join(directory, `manifests-${index + 1}.yaml`), part.map(textOf).join(''))),
  );
}

/** JSON is YAML. */
const textOf = ({ kind, name, spec }: ManifestDocument): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, owner: 'eval' }, spec })}\n`;
