/** From descriptors to the files of manifests, which the catalogue is known to accept. */
import { hexDigestOf, invalid } from '@toolfleet/kernel';
import { importGrpc } from '@toolfleet/kernel/grpc';
import { assertAccepted } from './accepted.js';
import type { CatalogImport } from './catalog-import.js';
import type { ImportChoices, ImportedManifest } from './manifest-text.js';
import { manifestFiles } from './manifest-text.js';
import type { GrpcSource } from './read-descriptors.js';

const descriptorsPath = 'descriptors.binpb';

/** `recordedAs` is how the files name their source. Throws `invalid` for what has no service, or cannot be imported. */
export function grpcImport(
  { descriptors, address }: GrpcSource,
  recordedAs: string,
  { upstream, prefix, plaintext, ca }: ImportChoices,
): CatalogImport {
  if (descriptors.methods.length === 0) throw invalid('SOURCE_INVALID', 'The source has no service with a method.');
  const { service, tools, reported } = importGrpc(descriptors, { service: upstream, prefix });
  // Comments do not count: executors have no use for them.
  const bytes = descriptors.slimSet();
  const sha256 = hexDigestOf(bytes);
  const upstreams = [manifestOf(service, address, { plaintext, ca })];
  const origin = { kind: 'grpc' as const, source: recordedAs, sha256, upstream: service, prefix, plaintext, ca };
  const files = [...manifestFiles({ tools, upstreams }, origin), { path: descriptorsPath, text: '', bytes }];
  assertAccepted(files, '127.0.0.1:443');
  return { files, sha256, title: service, tools, reported, upstreams, problems: [] };
}

function manifestOf(
  name: string,
  address: string | undefined,
  { plaintext, ca }: Pick<ImportChoices, 'plaintext' | 'ca'>,
): ImportedManifest {
  const variable = `TOOLFLEET_GRPC_${wordsOf(name)}_ADDRESS`;
  const credential = `{ headers: { authorization: 'Bearer {env:TOOLFLEET_CREDENTIAL_${wordsOf(name)}}' } }`;
  return {
    kind: 'GrpcService',
    name,
    spec: { address: address ?? `\${${variable}}`, tls: plaintext !== true, descriptorSet: descriptorsPath },
    notes: [
      `A credential, where it needs one: credential: ${credential}`,
      ...(address === undefined ? [`The router fills in ${variable}: host:port.`] : []),
      ...(ca === undefined
        ? []
        : [`The server was checked against ${ca}: executors take it from tls: { caFile: ... }.`]),
    ],
  };
}

/** A place may name no variable that sounds like a secret. */
function wordsOf(name: string): string {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return /KEY|SECRET|TOKEN|PASSWORD|DATABASE/.test(words) ? 'SERVICE' : words;
}
