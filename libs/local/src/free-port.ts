/**
 * Ports for local servers. A port is taken from below the kernel's ephemeral range (Linux: 32768 and up), so no outgoing
 * connection of another process can grab it between this check and the server's own bind, nor while the server restarts.
 */
import { createServer } from 'node:net';
import { overloaded } from '@toolfleet/kernel';

const lowestPort = 15_000;
const portCount = 17_000;
const attemptsMax = 200;
const handedOut = new Set<number>();

/** A port free now, on 127.0.0.1, never the same one twice in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = lowestPort + Math.floor(Math.random() * portCount);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isPortFree(port)) return port;
  }
  throw overloaded('NO_FREE_PORT', `None of ${attemptsMax} ports tried on 127.0.0.1 was free.`);
}

/** Whether a server could listen on this port of 127.0.0.1 and of every address. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && canListen(port, undefined);
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
