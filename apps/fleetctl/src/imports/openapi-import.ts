/** From an OpenAPI document to the files of its manifests, which the catalogue is known to accept. */
import { importOpenApi, openApiDocument } from '@toolfleet/kernel/openapi';
import { assertAccepted } from './accepted.js';
import type { CatalogImport } from './catalog-import.js';
import { documentProblems } from './document-problems.js';
import type { ImportChoices } from './manifest-text.js';
import { manifestFiles } from './manifest-text.js';
import type { DocumentSource } from './read-source.js';

/** `recordedAs` is how the files name their source. Throws `invalid` for what is no document that can be imported. */
export async function openApiImport(
  source: DocumentSource,
  recordedAs: string,
  { upstream, prefix }: ImportChoices,
): Promise<CatalogImport & { readonly byReference: number }> {
  const document = openApiDocument(source.parsed);
  const problems = await documentProblems(document.root);
  const { title, tools, reported, byReference, ...imported } = importOpenApi(document, {
    upstream,
    prefix,
    sourceUrl: source.url,
  });
  const upstreams = imported.upstreams.map(({ name, baseUrl, headers, notes }) => {
    const credential = Object.keys(headers).length > 0 ? { credential: { headers } } : {};
    return { kind: 'Upstream' as const, name, spec: { baseUrl, ...credential }, notes };
  });
  const origin = { kind: 'openapi' as const, source: recordedAs, sha256: source.sha256, upstream, prefix };
  const files = manifestFiles({ tools, upstreams }, origin);
  assertAccepted(files);
  return { files, sha256: source.sha256, title, tools, reported, upstreams, problems, byReference };
}
