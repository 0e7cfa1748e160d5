/**
 * One metadata request on a fresh connection, written by hand so that starting a broker needs no Kafka client. An open
 * port is not enough: a broker lists itself only once the controller has unfenced it, and only then serves topics.
 */
import { connect } from 'node:net';

const metadataKey = 3;
const metadataVersion = 1;
const correlationId = 1;
const clientId = 'toolfleet-probe';

function metadataRequest(): Buffer {
  const body = Buffer.alloc(2 + 2 + 4 + 2 + clientId.length + 4);
  let at = body.writeInt16BE(metadataKey, 0);
  at = body.writeInt16BE(metadataVersion, at);
  at = body.writeInt32BE(correlationId, at);
  at = body.writeInt16BE(clientId.length, at);
  at += body.write(clientId, at, 'latin1');
  body.writeInt32BE(0, at); // an empty list of topics: tell of none
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

/** Whether the broker at this port answers and counts itself among the brokers of its cluster. Never rejects. */
export function probeBroker(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs });
    let answer: Buffer = Buffer.alloc(0);
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      // size, correlation id, number of brokers: four bytes each
      if (answer.length >= 12) end(answer.readInt32BE(4) === correlationId && answer.readInt32BE(8) > 0);
    });
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => resolve(false));
  });
}
