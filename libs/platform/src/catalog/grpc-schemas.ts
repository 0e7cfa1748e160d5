/** The YAML form of gRPC services and of the tools that call them. */
import { grpcMethodName, limits } from '@toolfleet/kernel';
import { z } from 'zod';
import { breaker, credential } from './destination-schemas.js';

/** Others are the protocol's own, or carry bytes. */
const metadataName = /^(?!grpc-)(?!.*-bin$)[a-z0-9_.-]{1,100}$/i;

export const grpcService = z
  .strictObject({
    address: z.string().min(1).max(500),
    tls: z.union([z.boolean(), z.strictObject({ caFile: z.string().min(1).max(1_000) })]).default(true),
    descriptorSet: z
      .string()
      .regex(/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/, 'is not a path below the manifest')
      .max(500)
      .optional(),
    reflection: z.boolean().default(false),
    credential,
    breaker,
  })
  .refine(({ credential }) => Object.keys(credential.headers).every((name) => metadataName.test(name)), {
    path: ['credential', 'headers'],
    error: 'has a name that is not one of metadata: letters, digits and - _ . without grpc- before and -bin behind',
  })
  .refine(({ descriptorSet, reflection }) => (descriptorSet === undefined) === reflection, {
    path: ['descriptorSet'],
    error: 'is required without reflection: true, and does not go with it',
  })
  .transform(({ address, tls, descriptorSet, credential, breaker }) => ({
    address,
    ...(typeof tls === 'boolean' ? { tls } : { tls: true, caFile: tls.caFile }),
    ...(descriptorSet === undefined ? {} : { descriptorSet }),
    ...{ credential, breaker },
  }));

export const grpcBinding = z.strictObject({
  service: z.string().min(1).max(limits.nameCharsMax),
  method: z.string().regex(grpcMethodName, 'is not package.Service/Method'),
});
