/** gRPC definitions straight from the descriptor set of the contracts: no .proto file is read at run time. */
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import type { PackageDefinition } from '@grpc/proto-loader';
import { descriptorSetBytes } from '@toolfleet/contracts';

/** Field names in camelCase, 64-bit integers as numbers, enums as their names, absent fields filled with defaults. */
export function packageDefinition(): PackageDefinition {
  return loadFileDescriptorSetFromBuffer(Buffer.from(descriptorSetBytes), {
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
}
