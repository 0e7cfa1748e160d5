/**
 * Asks a server to stop what a connection runs: by a connection of its own, as the protocol has it, with TLS where the
 * other one has it, and without an answer. Nothing is waited for, and a server that cannot be reached changes nothing.
 */
import { Connection } from 'pg';
import type { PoolClient } from 'pg';

/** What the client keeps of its server; its types do not tell. */
interface Target {
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
  readonly sslNegotiation: string;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

interface Wire {
  readonly stream: NodeJS.EventEmitter & { destroy(): void; end(): void };
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'error' | 'end', listener: () => void): void;
}

const timeoutMs = 2_000;

export function cancelOnServer(client: PoolClient): void {
  const { host, port, ssl, sslNegotiation, processID, secretKey } = client as unknown as Target;
  if (processID === null || secretKey === null) return;
  const wire = new Connection({ ssl, sslNegotiation } as object) as unknown as Wire;
  const timer = setTimeout(() => wire.stream.destroy(), timeoutMs);
  const send = (): void => {
    wire.cancel(processID, secretKey);
    wire.stream.end();
  };
  wire.on('error', () => wire.stream.destroy());
  wire.on('end', () => clearTimeout(timer));
  wire.on('sslconnect', send);
  wire.on('connect', () => {
    if (!ssl) send();
    else if (sslNegotiation !== 'direct') wire.requestSsl();
  });
  if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
  else wire.connect(port, host);
}
