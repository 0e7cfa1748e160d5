/** Calls as an outside client makes them, over the same definitions as the services, and what methods there are, for specs. */
import { Client, Metadata, credentials, makeClientConstructor } from '@grpc/grpc-js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type { ServiceDefinition as LoadedService } from '@grpc/proto-loader';
import { packageDefinition } from '../package-definition.js';

const deadlineMs = 10_000;

type Method = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: (Error & { code?: number }) | null, answer: object) => void,
) => void;

/**
 * `service` by its full name, `authorization` as metadata; absent: none. A refusal rejects with the client's error: `code`, and the
 * refusal as JSON in `details`.
 */
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
      const options = { deadline: Date.now() + deadlineMs };
      call.call(client, request, metadataOf(authorization), options, (error, answer) =>
        error ? reject(error) : resolve(answer as Answer),
      );
    });
  } finally {
    Client.prototype.close.call(client);
  }
}

/** The same for a server stream: its first message, or undefined when it ends without one. */
export async function firstOfStream(
  address: string,
  { service, method }: Pick<OwnMethod, 'service' | 'method'>,
  request: object,
  authorization?: string,
): Promise<object | undefined> {
  const Constructor = makeClientConstructor(packageDefinition()[service] as ServiceDefinition, service);
  const client = new Constructor(address, credentials.createInsecure());
  const open = (client as unknown as Record<string, StreamMethod>)[method]!;
  const options = { deadline: Date.now() + deadlineMs };
  const stream = open.call(client, request, metadataOf(authorization), options);
  try {
    for await (const message of stream) return message;
    return undefined;
  } finally {
    stream.cancel();
    Client.prototype.close.call(client);
  }
}

type StreamMethod = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
) => AsyncIterable<object> & { cancel(): void };

function metadataOf(authorization: string | undefined): Metadata {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return metadata;
}

export interface OwnMethod {
  /** Full name. */
  readonly service: string;
  readonly method: string;
  readonly streams: boolean;
  /** A request with every text field that `filling` names, in its messages too. */
  requestWith(filling: Readonly<Record<string, string>>): object;
}

/** Every method of every service of ours, as the descriptors have them. */
export function ownMethods(): OwnMethod[] {
  const definition = packageDefinition();
  return Object.entries(definition).flatMap(([service, found]) =>
    'format' in found
      ? []
      : Object.entries(found as LoadedService).map(([method, { requestType, responseStream }]) => ({
          service,
          method,
          streams: responseStream,
          requestWith: (filling) => filled(definition, fieldsOf(requestType), filling),
        })),
  );
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly label: string;
}

const fieldsOf = (message: unknown): readonly Field[] => (message as { type: { field: readonly Field[] } }).type.field;

function filled(
  definition: ReturnType<typeof packageDefinition>,
  fields: readonly Field[],
  filling: Readonly<Record<string, string>>,
): object {
  const entries = fields.flatMap(({ name, type, typeName, label }): [string, unknown][] => {
    const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (label === 'LABEL_REPEATED') return [];
    if (type === 'TYPE_STRING') return camel in filling ? [[camel, filling[camel]]] : [];
    if (type !== 'TYPE_MESSAGE') return [];
    const message = Object.entries(definition).find(([known]) => known === typeName || known.endsWith(`.${typeName}`));
    return message ? [[camel, filled(definition, fieldsOf(message[1]), filling)]] : [];
  });
  return Object.fromEntries(entries);
}

export * from './pet-shop.js';
