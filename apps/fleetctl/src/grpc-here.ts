/** Clients of the fleet's own gRPC for commands: with the certificates that the environment names, as services have them. */
import { grpcTlsSettings, loadConfig } from '@toolfleet/platform/config';
import { GrpcClient, grpcChannelCredentials, type GrpcClientOptions } from '@toolfleet/platform/grpc';

/** `authorization` is the header of each call; empty: none. */
export function serviceClient(
  options: Pick<GrpcClientOptions, 'address' | 'deadlineMs'>,
  authorization: string,
): GrpcClient {
  const channel = grpcChannelCredentials(loadConfig(grpcTlsSettings));
  return new GrpcClient({ ...options, channel, headers: authorization === '' ? {} : { authorization } });
}
