/** AuditService: a tenant's log for people and for verification, and the erasure of a person. */
import { once } from 'node:events';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { AuditSigner } from '@toolfleet/kernel';
import { actorFor, invalid, tenantFor, unreachable } from '@toolfleet/kernel';
import { Identity, Needs, OpenToAll } from '@toolfleet/platform/identity';
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
/** As long as the audit is kept by default. */
const usageDaysMax = 400;
/** A client that reads nothing for so long is gone or stuck; it goes on behind the last entry that it has. */
const stalledMsMax = 30_000;

@Controller()
export class AuditController {
  constructor(
    @Inject(AuditLog) private readonly log: AuditLog,
    @Inject(Erasure) private readonly erasure: Erasure,
    @Inject(AUDIT_SIGNER) private readonly signer: AuditSigner,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @GrpcMethod('AuditService', 'ListAudit')
  @Needs('audit:read')
  async list({ tenant: named, beforeSeq, pageSize, sessionId }: ListRequest, metadata: object) {
    const tenant = this.#tenantFor(metadata, named);
    const limit = Math.min(pageSize > 0 ? pageSize : pageDefault, pageMax);
    return { entries: await this.log.list({ tenant, beforeSeq: Number(beforeSeq), limit, sessionId }) };
  }

  @GrpcMethod('AuditService', 'ExportAudit')
  @Needs('audit:read')
  export({ tenant: named, afterSeq, open }: ExportRequest, metadata: object, call: ServerCall): Observable<object> {
    const tenant = this.#tenantFor(metadata, named);
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
  @Needs('audit:erase')
  erase(request: EraseRequest, metadata: object) {
    const tenant = this.#tenantFor(metadata, request.tenant);
    const actor = actorFor(this.identity.of(metadata), request.actor, 'actor');
    return this.erasure.erase({ ...request, tenant, actor });
  }

  /** Without a tenant in request and token it is of all, which only an operator's token can be. */
  @GrpcMethod('AuditService', 'SummariseUsage')
  @Needs('audit:read')
  async usage({ tenant: named, days }: { readonly tenant: string; readonly days: number }, metadata: object) {
    const tenant = tenantFor(this.identity.of(metadata), named);
    if (days < 1 || days > usageDaysMax) {
      throw invalid('DAYS_INVALID', `A summary is of 1 to ${usageDaysMax} days.`, { details: { field: 'days' } });
    }
    return this.log.usage(tenant, days);
  }

  @GrpcMethod('AuditService', 'GetAuditKeys')
  @OpenToAll('public keys, for whoever verifies a log that was handed to them')
  keys() {
    return { keys: [{ id: this.signer.keyId, key: this.signer.publicKey }] };
  }

  #tenantFor(metadata: object, named: string): string {
    const tenant = tenantFor(this.identity.of(metadata), named);
    checkTenant(tenant);
    return tenant;
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
