/** Services of others that tools call by gRPC. */
import type { CredentialSpec } from './credential.js';
import type { DestinationSpec } from './destination.js';

export interface GrpcServiceSpec extends DestinationSpec {
  /** host:port. */
  readonly address: string;
  readonly tls: boolean;
  /** Path at the executors to the certificates that the server's is checked against. Absent: those that Node knows. */
  readonly caFile?: string | undefined;
  /** Its headers are metadata. */
  readonly credential: CredentialSpec;
  /**
   * A google.protobuf.FileDescriptorSet, gzipped, as base64; in a manifest, the name of its file. Absent: executors ask the
   * server by reflection.
   */
  readonly descriptorSet?: string | undefined;
}

export interface GrpcBinding {
  /** Name of a GrpcService. */
  readonly service: string;
  /** `package.Service/Method`; the arguments of a call are its request as ProtoJSON. */
  readonly method: string;
}

export const grpcMethodName = /^[A-Za-z_][\w.]{0,300}\/[A-Za-z_]\w{0,100}$/;
