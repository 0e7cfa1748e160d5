/**
 * The standard health service of gRPC (`grpc.health.v1.Health`), so that a mesh or a load balancer that speaks only gRPC
 * sees the readiness of `/readyz`: asked for at each check, and for a watcher once a second.
 */
import { status } from '@grpc/grpc-js';
import type { sendUnaryData, Server, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import type { Health } from '../telemetry/health.js';

const lookEveryMs = 1_000;

type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
interface Asked {
  readonly service: string;
}
interface Answer {
  readonly status: Serving;
}

/** `services`: full names beside the process as a whole, whose name is empty. */
export function addGrpcHealth(server: Pick<Server, 'addService'>, health: Health, services: readonly string[]): void {
  const known = new Set(['', ...services]);
  const answerOf = ({ service: name }: Asked): Answer => ({
    status: !known.has(name) ? 'SERVICE_UNKNOWN' : health.report().ready ? 'SERVING' : 'NOT_SERVING',
  });
  server.addService(service as unknown as Parameters<Server['addService']>[0], {
    check: ({ request }: ServerUnaryCall<Asked, Answer>, answer: sendUnaryData<Answer>) => {
      if (known.has(request.service)) answer(null, answerOf(request));
      else answer({ code: status.NOT_FOUND, details: `There is no service ${request.service.slice(0, 100)} here.` });
    },
    watch: (call: ServerWritableStream<Asked, Answer>) => {
      let said: Serving | undefined;
      const look = (): void => {
        const { status: serving } = answerOf(call.request);
        if (serving !== said) call.write({ status: serving });
        said = serving;
      };
      const timer = setInterval(look, lookEveryMs).unref();
      call.on('cancelled', () => clearInterval(timer));
      look();
    },
    list: (_call: unknown, answer: sendUnaryData<{ statuses: Record<string, Answer> }>) =>
      answer(null, { statuses: Object.fromEntries([...known].map((name) => [name, answerOf({ service: name })])) }),
  });
}
