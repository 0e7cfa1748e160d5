/** One unary call as an outside client makes it, over the same definitions as the services, for specs. */
import { Client, Metadata, credentials, makeClientConstructor } from '@grpc/grpc-js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { packageDefinition } from '../package-definition.js';

const deadlineMs = 10_000;

type Method = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: (Error & { code?: number }) | null, answer: object) => void,
) => void;

/** `service` by its full name, `authorization` as metadata; absent: none. A refusal rejects with the client's error: `code`, and the refusal as JSON in `details`. */
export async function unaryCall<Answer>(
  address: string,
  service: string,
  method: string,
  request: object,
  authorization?: string,
): Promise<Answer> {
  const Constructor = makeClientConstructor(packageDefinition()[service] as ServiceDefinition, service);
  const client = new Constructor(address, credentials.createInsecure());
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const call = (client as unknown as Record<string, Method>)[method]!;
      const metadata = new Metadata();
      if (authorization !== undefined) metadata.set('authorization', authorization);
      call.call(client, request, metadata, { deadline: Date.now() + deadlineMs }, (error, answer) =>
        error ? reject(error) : resolve(answer as Answer),
      );
    });
  } finally {
    Client.prototype.close.call(client);
  }
}
export * from './pet-shop.js';
