/** From descriptors to the files of manifests, which the catalogue is known to accept. */
import { hexDigestOf, invalid } from '@toolfleet/kernel';
import type { GrpcImport } from '@toolfleet/kernel/grpc';
import { importGrpc } from '@toolfleet/kernel/grpc';
import type { ManifestFile } from '@toolfleet/platform/catalog';
import { apiVersion } from '@toolfleet/platform/catalog';
import { assertAccepted } from '../openapi/import-catalog.js';
import type { ImportOrigin } from '../openapi/manifest-text.js';
import { documentOf, rendered, textOfFile, toolFiles, toolText } from '../openapi/manifest-text.js';
import type { GrpcSource, GrpcSourceOptions } from './read-descriptors.js';

export interface GrpcImportChoices extends GrpcSourceOptions {
  /** Name of the GrpcService; default: from the package of the first service. */
  readonly service?: string | undefined;
  readonly prefix?: string | undefined;
}

export interface GrpcCatalogImport {
  readonly files: readonly ManifestFile[];
  readonly imported: GrpcImport;
  /** Of what executors need of the descriptors: comments do not count. */
  readonly sha256: string;
}

const descriptorsPath = 'descriptors.binpb';

/** `recordedAs` is how the files name their source. Throws `invalid` for what has no service, or cannot be imported. */
export function importGrpcCatalog(
  { descriptors, address }: GrpcSource,
  recordedAs: string,
  { service: named, prefix, plaintext, ca }: GrpcImportChoices,
): GrpcCatalogImport {
  if (descriptors.methods.length === 0) throw invalid('SOURCE_INVALID', 'The source has no service with a method.');
  const imported = importGrpc(descriptors, { service: named, prefix });
  const { service } = imported;
  const bytes = descriptors.slimSet();
  const sha256 = hexDigestOf(bytes);
  const origin: ImportOrigin = { source: recordedAs, sha256, upstream: service, prefix, format: 'grpc', plaintext, ca };
  const texts = imported.tools.map((tool) => ({
    group: tool.group,
    text: toolText(tool, { driver: 'grpc', grpc: tool.grpc }),
  }));
  const files = [
    { path: 'service.yaml', text: textOfFile(origin, [serviceText(service, address, { plaintext, ca })]) },
    ...toolFiles(texts, origin),
    { path: descriptorsPath, text: '', bytes },
  ];
  assertAccepted(files, '127.0.0.1:443');
  return { files, imported, sha256 };
}

function serviceText(name: string, address: string | undefined, { plaintext, ca }: GrpcSourceOptions): string {
  const variable = `TOOLFLEET_GRPC_${wordsOf(name)}_ADDRESS`;
  const document = documentOf({
    apiVersion,
    kind: 'GrpcService',
    metadata: { name },
    spec: { address: address ?? `\${${variable}}`, tls: plaintext !== true, descriptorSet: descriptorsPath },
  });
  return rendered(document, [
    `A credential, where it needs one: credential: { headers: { authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_${wordsOf(name)}}' } }`,
    ...(address === undefined ? [`The router fills in ${variable}: host:port.`] : []),
    ...(ca === undefined ? [] : [`The server was checked against ${ca}: executors take it from tls: { caFile: ... }.`]),
  ]);
}

/** A place may name no variable that sounds like a secret. */
function wordsOf(name: string): string {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return /KEY|SECRET|TOKEN|PASSWORD|DATABASE/.test(words) ? 'SERVICE' : words;
}
