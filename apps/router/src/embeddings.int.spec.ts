import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { decodeSessionInbox } from '@toolfleet/contracts';
import type { RoleRig } from '@toolfleet/platform/nest/testing';
import { startRoleRig } from '@toolfleet/platform/nest/testing';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { routerRole } from './router.role.js';

const manifests = `
apiVersion: toolfleet.dev/v1
kind: Tenant
metadata: { name: acme }
spec: { agents: [shop] }
---
apiVersion: toolfleet.dev/v1
kind: Agent
metadata: { name: shop }
spec: { model: main, toolsOfferedMax: 1 }
---
apiVersion: toolfleet.dev/v1
kind: ModelRoute
metadata: { name: main }
spec: { provider: openai, model: m1, baseUrl: http://127.0.0.1:9 }
---
apiVersion: toolfleet.dev/v1
kind: Upstream
metadata: { name: shop }
spec: { baseUrl: http://127.0.0.1:9 }
${['one', 'two', 'three']
  .map(
    (name) => `---
apiVersion: toolfleet.dev/v1
kind: Tool
metadata: { name: print_${name} }
spec: { description: Prints a label., class: read, effect: read, http: { upstream: shop, method: GET, path: /${name} } }
`,
  )
  .join('')}`;

let directory: string;
let rig: RoleRig;
let server: Server;
let isUp = true;

/** To this server the question and one tool are the same, and no two other texts. */
before(async () => {
  server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const { input } = (await json(request)) as { input: string[] };
      const near = (text: string) => text.includes('label for me') || text.includes('print_two');
      const data = input.map((text, index) => ({ index, embedding: near(text) ? [1, 0] : [0, 1] }));
      response.writeHead(isUp ? 200 : 503).end(JSON.stringify({ data }));
    };
    void answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = await testDirectory('catalog-');
  await writeFile(join(directory, 'shop.yaml'), manifests);
  const { port } = server.address() as AddressInfo;
  const settings = {
    TOOLFLEET_CATALOG_DIR: directory,
    TOOLFLEET_EMBEDDINGS_BASE_URL: `http://127.0.0.1:${port}/v1`,
    TOOLFLEET_EMBEDDINGS_MODEL: 'e1',
    TOOLFLEET_EMBEDDINGS_CACHE_SIZE: '0',
  };
  rig = await startRoleRig({ roles: [routerRole], environment: process.env, settings });
});

after(async () => {
  await rig?.stop();
  server.close();
  server.closeAllConnections();
  await rm(directory, { recursive: true, force: true });
});

let sessions = 0;

async function firstTool(): Promise<string | undefined> {
  const sessionId = `s${(sessions += 1)}`;
  const who = { tenant: 'acme', user: 'u1', agent: 'shop', roles: [], labels: {} };
  const request = { ...who, requestId: sessionId, input: 'Print a label for me' };
  await rig.running.context.outlet.routing({ sessionId, request, admittedAtMs: 1 });
  const inbox = await eventually(
    async () => {
      const records = await rig.records('session.inbox');
      return records.map(({ value }) => decodeSessionInbox(value)).find((found) => found.sessionId === sessionId);
    },
    { withinMs: 15_000 },
  );
  return inbox.body.type === 'start' ? inbox.body.start.tools[0] : undefined;
}

test('a server of embeddings decides between tools that words cannot tell apart, and is done without when it is down', async () => {
  assert.equal(await eventually(async () => (await firstTool()) === 'print_two', { withinMs: 20_000 }), true);
  isUp = false;
  assert.equal(await firstTool(), 'print_one');
});
