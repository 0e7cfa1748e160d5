/**
 * What the bench expects of a peer: one line `{"sessionsUrl": …}` on standard output when it is ready, sessions by `POST`
 * to that address, answered when they have ended, and an end at SIGTERM.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @typedef {{ sessionId: string, input: string }} SessionRequest */

/** @param {(request: SessionRequest) => Promise<import('./agent.js').Outcome>} run */
export async function serveSessions(run) {
  const server = createServer({ noDelay: true }, (request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => void answer(Buffer.concat(chunks).toString()).then((reply) => send(response, reply)));
  });
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  announce(`http://127.0.0.1:${port}/sessions`);

  /** @param {string} body */
  async function answer(body) {
    try {
      return { status: 200, text: JSON.stringify(await run(JSON.parse(body))) };
    } catch (error) {
      console.error(error);
      return { status: 500, text: JSON.stringify({ error: String(error) }) };
    }
  }
}

/** @param {import('node:http').ServerResponse} response @param {{ status: number, text: string }} reply */
function send(response, { status, text }) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** @param {string} sessionsUrl @param {() => Promise<unknown>} [beforeEnd] */
export function announce(sessionsUrl, beforeEnd = async () => undefined) {
  process.once('SIGTERM', () => void beforeEnd().finally(() => process.exit(0)));
  console.log(JSON.stringify({ sessionsUrl }));
}
