/**
 * One translation of faults for every way in: problem details (RFC 9457) over HTTP, a status over gRPC, and the fault
 * itself to the Kafka transport, whose single catch reads what to do from the kernel's table. Whom it refuses for who he is
 * goes to the audit here, so that no way in can forget it.
 */
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException } from '@nestjs/common';
import {
  Fault,
  faultOf,
  grpcStatusOf,
  httpStatusOf,
  invalid,
  isCallerRefusal,
  missing,
  refusalOf,
} from '@toolfleet/kernel';
import type { Observable } from 'rxjs';
import { throwError } from 'rxjs';
import type { Delivery } from '../kafka/records.js';
import type { Logger } from '../telemetry/log.js';

interface HttpResponse {
  headersSent: boolean;
  status(code: number): this;
  setHeader(name: string, value: string): this;
  send(body: string): void;
  end(): void;
}

@Catch()
export class FaultFilter implements ExceptionFilter {
  constructor(
    private readonly log: Logger,
    private readonly onRefused: (fault: Fault, host: ArgumentsHost) => void = () => undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'http') return this.#http(error, host);
    if (isKafka(host)) return throwError(() => error);
    const fault = this.#seen(error, host);
    const refusal = refusalOf(fault);
    // gRPC reads the code off the error itself, so nothing may be wrapped around it.
    return throwError(() => ({ code: grpcStatusOf[fault.kind], message: JSON.stringify(refusal) }));
  }

  #http(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const fault = this.#seen(error, host);
    if (response.headersSent) return response.end();
    const refusal = refusalOf(fault);
    const status = httpStatusOf[fault.kind];
    if (refusal.retryAfterMs !== undefined) {
      response.setHeader('retry-after', String(Math.ceil(refusal.retryAfterMs / 1000)));
    }
    if (fault.kind === 'unauthenticated') response.setHeader('www-authenticate', challengeOf(fault));
    response.status(status).setHeader('content-type', 'application/problem+json');
    response.send(
      JSON.stringify({ type: 'about:blank', title: refusal.reason, status, detail: refusal.message, ...refusal }),
    );
  }

  #seen(error: unknown, host: ArgumentsHost): Fault {
    const fault = error instanceof HttpException ? faultOfHttp(error) : faultOf(error);
    if (fault.kind === 'broken') this.log.error({ err: fault }, 'request failed by a bug');
    if (isCallerRefusal(fault)) this.onRefused(fault, host);
    return fault;
  }
}

/** RFC 6750: what is wrong is said only of a token that was there. */
const challengeOf = ({ reason }: Fault): string =>
  `Bearer realm="toolfleet"${reason === 'TOKEN_MISSING' ? '' : ', error="invalid_token"'}`;

/** The Kafka transport hands a delivery as the handler's second argument; gRPC hands metadata. */
const isKafka = (host: ArgumentsHost) =>
  typeof (host.getArgByIndex(1) as Partial<Delivery> | undefined)?.finishWhen === 'function';

/** What the framework itself refuses: unknown routes, unreadable bodies. */
function faultOfHttp(error: HttpException): Fault {
  const status = error.getStatus();
  if (status === 404) return missing('ROUTE_UNKNOWN', 'There is no such resource.');
  if (status >= 400 && status < 500) return invalid('REQUEST_INVALID', 'The request cannot be read.', { cause: error });
  return faultOf(error);
}
