/** The log of a tenant as the policy service gives it, and the check of it. Also for programs that run a fleet of their own. */
import { auditService, decodeAuditKeys, decodeExportedLines, encodeExportAudit } from '@toolfleet/contracts';
import type { LogReport } from '@toolfleet/kernel';
import { AuditLogVerifier, invalid } from '@toolfleet/kernel';
import { serviceClient } from '../grpc-here.js';

/** Where the service is, and the header that its callers send; empty: none. */
export interface PolicyService {
  readonly address: string;
  readonly authorization: string;
}

export interface AuditExport {
  readonly tenant: string;
  readonly afterSeq: number;
  /** With the keys of what is sealed. */
  readonly open: boolean;
}

/** A key is asked for once; an export lasts as long as its reader reads. */
const deadlineMs = 10_000;
/** Far above what an entry can be. */
const lineBytesMax = 4 * 1024 * 1024;
const lineFeed = 0x0a;

export async function* exportAudit(
  service: PolicyService,
  request: AuditExport,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const client = serviceClient({ address: service.address, deadlineMs }, service.authorization);
  try {
    for await (const bytes of client.stream(`${auditService}/ExportAudit`, encodeExportAudit(request), signal)) {
      yield decodeExportedLines(bytes);
    }
  } finally {
    client.close();
  }
}

/** They are public: nobody is asked who he is. */
export async function auditKeys(address: string): Promise<{ readonly id: string; readonly key: Uint8Array }[]> {
  const client = serviceClient({ address, deadlineMs }, '');
  try {
    return decodeAuditKeys(await client.unary(`${auditService}/GetAuditKeys`, new Uint8Array()));
  } finally {
    client.close();
  }
}

/** Reads the log once, a line at a time. */
export async function verifyLog(
  log: AsyncIterable<Uint8Array>,
  publicKeys: readonly Uint8Array[],
  after?: number,
): Promise<LogReport> {
  const verifier = new AuditLogVerifier(publicKeys, { after });
  let rest = Buffer.alloc(0);
  for await (const part of log) {
    let bytes = Buffer.concat([rest, part]);
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed)) {
      verifier.line(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.byteLength > lineBytesMax) throw invalid('NOT_A_LOG', 'A line of the log is longer than any may be.');
    rest = bytes;
  }
  return verifier.end({ cut: rest.byteLength > 0 });
}

/** Asks the service for the log and for the key: who trusts it no more than the log keeps the key elsewhere. */
export async function verifyAudit(service: PolicyService, tenant: string, signal: AbortSignal): Promise<LogReport> {
  const keys = await auditKeys(service.address);
  const log = exportAudit(service, { tenant, afterSeq: 0, open: true }, signal);
  return verifyLog(
    log,
    keys.map(({ key }) => key),
  );
}
