/** AuditService: a tenant's log for people and for verification, and the erasure of a person. */
import { once } from 'node:events';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { AuditSigner } from '@toolfleet/kernel';
import { invalid, unreachable } from '@toolfleet/kernel';
import { Observable } from 'rxjs';
import { AuditLog, isAuditTenant } from './audit-log.js';
import type { EraseRequest } from './erasure.js';
import { Erasure } from './erasure.js';

export const AUDIT_SIGNER = Symbol('audit signer');

interface ListRequest {
  readonly tenant: string;
  readonly beforeSeq: number;
  readonly pageSize: number;
  readonly sessionId: string;
}

interface ExportRequest {
  readonly tenant: string;
  readonly afterSeq: number;
  readonly open: boolean;
}

/** What of a server stream the export needs: whether its client keeps up. */
interface ServerCall extends NodeJS.EventEmitter {
  readonly writableNeedDrain: boolean;
}

const pageDefault = 100;
const pageMax = 500;
/** A client that reads nothing for so long is gone or stuck; it goes on behind the last entry that it has. */
const stalledMsMax = 30_000;

@Controller()
export class AuditController {
  constructor(
    @Inject(AuditLog) private readonly log: AuditLog,
    @Inject(Erasure) private readonly erasure: Erasure,
    @Inject(AUDIT_SIGNER) private readonly signer: AuditSigner,
  ) {}

  @GrpcMethod('AuditService', 'ListAudit')
  async list({ tenant, beforeSeq, pageSize, sessionId }: ListRequest) {
    checkTenant(tenant);
    const limit = Math.min(pageSize > 0 ? pageSize : pageDefault, pageMax);
    return { entries: await this.log.list({ tenant, beforeSeq: Number(beforeSeq), limit, sessionId }) };
  }

  @GrpcMethod('AuditService', 'ExportAudit')
  export({ tenant, afterSeq, open }: ExportRequest, _metadata: unknown, call: ServerCall): Observable<object> {
    checkTenant(tenant);
    return new Observable((subscriber) => {
      const gone = new AbortController();
      const send = async () => {
        for await (const lines of this.log.export(tenant, Number(afterSeq), open)) {
          if (gone.signal.aborted) return;
          subscriber.next({ lines: Buffer.from(lines) });
          if (call.writableNeedDrain) await drained(call, gone.signal);
        }
      };
      send().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => gone.abort();
    });
  }

  @GrpcMethod('AuditService', 'EraseSubject')
  erase(request: EraseRequest) {
    checkTenant(request.tenant);
    return this.erasure.erase(request);
  }

  @GrpcMethod('AuditService', 'GetAuditKeys')
  keys() {
    return { keys: [{ id: this.signer.keyId, key: this.signer.publicKey }] };
  }
}

function checkTenant(tenant: string): void {
  if (!isAuditTenant(tenant)) throw invalid('TENANT_MISSING', 'Name the tenant whose log is meant.');
}

async function drained(call: ServerCall, gone: AbortSignal): Promise<void> {
  try {
    await once(call, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(stalledMsMax)]) });
  } catch (cause) {
    throw unreachable('READER_TOO_SLOW', 'The reader of the log does not read it.', {
      cause,
      hint: 'Export again behind the last entry; nothing is lost.',
    });
  }
}
