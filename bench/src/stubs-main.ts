/** The stubs' process: both servers on free ports, told to the parent; it ends when the parent does. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StubBehaviours } from './stub-behaviour.js';
import { createStubModel } from './stub-model.js';
import { createStubTools } from './stub-tools.js';
import type { StubAddresses, StubOrder, StubWord } from './stubs.js';

process.on('disconnect', () => process.exit(0));
const tell = (word: StubWord): void => void process.send?.(word);
const behaviours = new StubBehaviours((hang) => tell({ type: 'hang', hang }));
process.on('message', ({ id, target, behaviour }: StubOrder) => {
  behaviours.set(target, behaviour);
  tell({ type: 'behaves', id });
});
const addresses: StubAddresses = {
  modelUrl: `${await listen(createStubModel(behaviours))}/v1`,
  toolsUrl: await listen(createStubTools(behaviours)),
};
tell({ type: 'ready', addresses });

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
