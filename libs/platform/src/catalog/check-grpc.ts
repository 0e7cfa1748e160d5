/** What a schema cannot see of gRPC services and their tools: descriptor sets that can be read, methods that are there. */
import type { GrpcBinding, GrpcServiceSpec } from '@toolfleet/kernel';
import type { DescriptorSets } from './descriptor-sets.js';
import type { PlacedManifest, Problem, Report } from './read-manifests.js';

export function checkGrpcService(placed: PlacedManifest<'GrpcService'>, sets: DescriptorSets): Problem[] {
  const problem = sets.get(placed.manifest.spec)?.problem;
  return problem === undefined ? [] : [placed.problem(['spec', 'descriptorSet'], problem)];
}

/** With reflection only the server knows, and says so when it is called. */
export function checkGrpc(
  binding: GrpcBinding,
  services: readonly GrpcServiceSpec[],
  sets: DescriptorSets,
  report: Report,
): void {
  const service = services.find(({ name }) => name === binding.service);
  if (!service)
    return report(['spec', 'grpc', 'service'], `there is no GrpcService ${JSON.stringify(binding.service)}`);
  const descriptors = sets.get(service)?.descriptors;
  if (!descriptors) return;
  const method = descriptors.method(binding.method);
  const at = ['spec', 'grpc', 'method'];
  if (!method) report(at, `is not in the descriptor set of GrpcService/${binding.service}`);
  else if (!method.isUnary) report(at, 'is a stream; tools call methods of one request and one answer');
}
