/** From a source to the files of its manifests, which the catalogue is known to accept. */
import { broken, faultOf } from '@toolfleet/kernel';
import type { OpenApiImport } from '@toolfleet/kernel/openapi';
import { importOpenApi, openApiDocument } from '@toolfleet/kernel/openapi';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { loadCatalogue, textOfProblem } from '@toolfleet/platform/catalog';
import { documentProblems } from './document-problems.js';
import { manifestFiles, type ImportChoices } from './manifest-text.js';
import type { OpenApiSource } from './read-source.js';

export interface CatalogImport {
  readonly files: readonly ManifestFile[];
  readonly imported: OpenApiImport;
  /** What is wrong with the document by the rules of OpenAPI. */
  readonly documentProblems: readonly string[];
}

/** `recordedAs` is how the files name their source. Throws `invalid` for what is no document that can be imported. */
export async function importCatalog(
  source: OpenApiSource,
  recordedAs: string,
  { upstream, prefix }: ImportChoices,
): Promise<CatalogImport> {
  const document = openApiDocument(source.parsed);
  const problems = await documentProblems(document.root);
  const imported = importOpenApi(document, { upstream, prefix, sourceUrl: source.url });
  const files = manifestFiles(imported, { source: recordedAs, sha256: source.sha256, upstream, prefix });
  assertAccepted(files, 'http://127.0.0.1');
  return { files, imported, documentProblems: problems };
}

/** A manifest that the router refuses would keep the whole catalogue out. `place` is what a reader may set in the end. */
export function assertAccepted(files: readonly ManifestFile[], place: string): void {
  const result = loadCatalogue(files, {
    toolClasses: ['read', 'write'],
    variable: () => place,
    variablesAllowed: [],
    ofOperators: () => false,
  });
  if (result.ok) return;
  const cause = faultOf(new Error(result.problems.map(textOfProblem).slice(0, 5).join('; ')));
  throw broken('IMPORT_NOT_ACCEPTED', 'The catalogue does not accept what was imported.', { cause });
}
