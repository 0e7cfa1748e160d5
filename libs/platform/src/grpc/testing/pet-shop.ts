/** A pet shop behind gRPC, for specs of whoever calls services of others. What it answers is the spec's to say. */
import { readFileSync } from 'node:fs';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { handleUnaryCall, ServerUnaryCall, ServiceDefinition, StatusObject, sendUnaryData } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

export const petDescriptors: Buffer = readFileSync(
  new URL('../../../../kernel/fixtures/grpc/pets.binpb', import.meta.url),
);

export interface PetCall {
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Until its deadline. */
  readonly leftMs: number;
}

type Answer = { readonly ok: object } | { readonly error: Partial<StatusObject>; readonly headers?: boolean };

export interface PetShop {
  readonly address: string;
  readonly calls: PetCall[];
  /** Calls that their client took back or gave up. */
  cancelled: number;
  answer: (call: PetCall) => Answer | Promise<Answer>;
  close(): void;
}

export interface PetShopOptions {
  readonly reflection?: 'v1' | 'v1alpha';
  readonly port?: number;
  /** PEM. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

export async function petShop({ reflection, port = 0, tls }: PetShopOptions = {}): Promise<PetShop> {
  const loaded = loadFileDescriptorSetFromBuffer(petDescriptors, { longs: String, enums: String, defaults: true });
  const definition = loaded['pets.v1.PetService'] as ServiceDefinition;
  const server = new Server();
  const shop = { calls: [] as PetCall[], cancelled: 0, answer: (): Answer => ({ ok: {} }) };
  const handle = async (method: string, call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) => {
    call.on('cancelled', () => (running.cancelled += 1));
    const deadline = Number(call.getDeadline());
    const asked = {
      method,
      request: call.request as Record<string, unknown>,
      metadata: call.metadata.getMap(),
      leftMs: deadline - Date.now(),
    };
    running.calls.push(asked);
    const answer = await running.answer(asked);
    if ('ok' in answer) return done(null, answer.ok);
    if (answer.headers) call.sendMetadata(new Metadata());
    return done({ code: status.UNKNOWN, details: '', metadata: new Metadata(), ...answer.error });
  };
  const handlerOf =
    (name: string): handleUnaryCall<object, object> =>
    (call, done) =>
      void handle(name, call, done);
  const unary = Object.keys(definition).filter((name) => !definition[name]!.responseStream);
  server.addService(definition, Object.fromEntries(unary.map((name) => [name, handlerOf(name)])));
  // The library serves both versions, the newer one first.
  if (reflection) {
    const newest = new ReflectionService(loaded);
    newest.addToServer({
      addService: (served, handlers) => {
        const path = Object.values(served)[0]!.path;
        if (path.startsWith(`/grpc.reflection.${reflection}.`)) server.addService(served, handlers);
      },
    });
  }
  const secured = tls && ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }]);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, secured ?? ServerCredentials.createInsecure(), (error, found) =>
      error ? reject(error) : resolve(found),
    ),
  );
  const running: PetShop = Object.assign(shop, {
    address: `127.0.0.1:${bound}`,
    close: () => server.forceShutdown(),
  });
  return running;
}
