/** The stubs' process: both servers on free ports, told to the parent; it ends when the parent does. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStubModel } from './stub-model.js';
import { createStubTools } from './stub-tools.js';
import type { StubAddresses } from './stubs.js';

process.on('disconnect', () => process.exit(0));
const addresses: StubAddresses = {
  modelUrl: `${await listen(createStubModel())}/v1`,
  toolsUrl: await listen(createStubTools()),
};
process.send?.(addresses);

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
