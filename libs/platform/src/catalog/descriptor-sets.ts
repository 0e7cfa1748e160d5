/**
 * The descriptor sets that manifests name: files beside them. A service's record carries what its executors need of the set,
 * so nothing but the catalogue has to reach them.
 */
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { GrpcServiceSpec } from '@toolfleet/kernel';
import { faultOf, limits } from '@toolfleet/kernel';
import { GrpcDescriptors } from '@toolfleet/kernel/grpc';
import type { ManifestFile, PlacedManifest } from './read-manifests.js';

export interface DescriptorSet {
  readonly descriptors?: GrpcDescriptors;
  /** As the record has it. */
  readonly encoded?: string;
  readonly problem?: string;
}

/** By the manifests that name them. */
export type DescriptorSets = ReadonlyMap<GrpcServiceSpec, DescriptorSet>;

export function descriptorSetsOf(manifests: readonly PlacedManifest[], files: readonly ManifestFile[]): DescriptorSets {
  const byPath = new Map(files.flatMap(({ path, bytes }) => (bytes ? [[posix.normalize(path), bytes] as const] : [])));
  const sets = new Map<GrpcServiceSpec, DescriptorSet>();
  for (const { manifest, file } of manifests) {
    if (manifest.kind !== 'GrpcService') continue;
    const { descriptorSet } = manifest.spec;
    if (descriptorSet === undefined) continue;
    sets.set(manifest.spec, readSet(byPath.get(posix.join(posix.dirname(file), descriptorSet))));
  }
  return sets;
}

function readSet(bytes: Uint8Array | undefined): DescriptorSet {
  if (!bytes) return { problem: 'there is no such file; it must end in .binpb, .pb or .protoset' };
  try {
    const descriptors = GrpcDescriptors.ofSet(bytes);
    const encoded = gzipSync(descriptors.slimSet()).toString('base64');
    if (encoded.length > limits.grpcDescriptorsCharsMax)
      return { problem: `is too large for a record: split it by service (${encoded.length} characters when packed)` };
    return { descriptors, encoded };
  } catch (error) {
    return { problem: faultOf(error).message };
  }
}
