/** Tools of unmodified MCP servers from npm, and of servers that are gone. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Fault, McpServerSpec, ToolSpec } from '@toolfleet/kernel';
import { Catalogue, isFault } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { eventually } from '@toolfleet/testkit';
import { callOf, quiet, toolOf } from '../executor.fixture.js';
import type { ToolAnswer } from './driver.js';
import { McpConnections } from './mcp-connections.js';
import { McpDriver } from './mcp-driver.js';
import { Upstreams } from './upstreams.js';

const node = process.execPath;
const programOf = (name: string) => fileURLToPath(import.meta.resolve(`@modelcontextprotocol/${name}/dist/index.js`));
const breaker = { errorThresholdPercentage: 50, resetTimeoutMs: 60_000, volumeThreshold: 3 };
const processOf = (name: string, ...args: string[]): McpServerSpec => ({
  name,
  stdio: { command: node, args, env: {} },
  breaker,
});

const connections = new McpConnections({ commands: [node], processesMax: 2 });
const upstreams = new Upstreams({ breakers: new Breakers() });
let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'mcp-driver-'))));
after(async () => {
  await connections.close();
  await rm(folder, { recursive: true });
});

interface Asked {
  readonly server: McpServerSpec;
  readonly tool: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly tenant?: string;
  readonly spec?: Partial<ToolSpec>;
}

function run({ server, tool, args = {}, tenant = 'acme', spec }: Asked): Promise<ToolAnswer> {
  const catalogue = new Catalogue();
  catalogue.put({ kind: 'McpServer', spec: server });
  const made = toolOf({ name: tool, driver: 'mcp', http: undefined, mcp: { server: server.name }, ...spec });
  const driver = new McpDriver({ connections, upstreams, catalogue });
  const call = callOf(made, { tenant, deadlineAtMs: Date.now() + 20_000 });
  return driver.run({ call, tool: made, args, signal: quiet });
}

const bodyOf = ({ body }: ToolAnswer) => Buffer.from(body).toString('utf8');

async function faultOf(asked: Asked): Promise<Fault> {
  const error: unknown = await run(asked).then(
    () => assert.fail('expected a fault'),
    (error: unknown) => error,
  );
  assert.ok(isFault(error), String(error));
  return error;
}

describe('tools of an MCP server that runs as a process', () => {
  it('answer with their text', async () => {
    const server = processOf('everything', programOf('server-everything'), 'stdio');
    const answer = await run({ server, tool: 'echo', args: { message: 'Grüße' } });
    assert.deepEqual([answer.ok, bodyOf(answer), answer.contentType], [true, 'Echo: Grüße', 'text/plain']);
  });

  it('answer with records as JSON, and with media named only', async () => {
    const server = processOf('everything', programOf('server-everything'), 'stdio');
    const records = await run({ server, tool: 'get-structured-content', args: { location: 'Chicago' } });
    assert.deepEqual(
      [Object.keys(JSON.parse(bodyOf(records))), records.contentType],
      [['temperature', 'conditions', 'humidity'], 'application/json'],
    );
    const image = bodyOf(await run({ server, tool: 'get-tiny-image' }));
    assert.match(image, /\[image image\/png, \d+ bytes, left out\]/);
    assert.ok(image.length < 500);
  });

  it('go by the name that the server has for them', async () => {
    const server = processOf('everything', programOf('server-everything'), 'stdio');
    const mcp = { server: 'everything', tool: 'get-sum' };
    const sum = await run({ server, tool: 'everything_sum', args: { a: 2, b: 3 }, spec: { mcp } });
    assert.match(bodyOf(sum), /\b5\b/);
  });

  it('refuse in their own words, and one that is gone is missing', async () => {
    const server = processOf('everything', programOf('server-everything'), 'stdio');
    const refused = await run({ server, tool: 'echo', args: { message: 1 } });
    assert.deepEqual([refused.ok, refused.reason], [false, 'TOOL_REFUSED']);
    assert.match(bodyOf(refused), /expected string/);
    const fault = await faultOf({ server, tool: 'no-longer-there' });
    assert.deepEqual([fault.kind, fault.reason, fault.details['sent']], ['missing', 'UPSTREAM_TOOL_MISSING', 'no']);
  });

  it('read and change files where they may, and nowhere else', async () => {
    const server = processOf('files', programOf('server-filesystem'), folder);
    await writeFile(join(folder, 'note.txt'), 'line one\nline two\n');
    const text = await run({ server, tool: 'read_text_file', args: { path: join(folder, 'note.txt') } });
    assert.equal(bodyOf(text), 'line one\nline two\n');
    const written = await run({
      server,
      tool: 'write_file',
      args: { path: join(folder, 'new.txt'), content: 'made' },
      spec: { effect: 'write' },
    });
    assert.ok(written.ok);
    assert.equal(await readFile(join(folder, 'new.txt'), 'utf8'), 'made');
    assert.equal((await run({ server, tool: 'read_text_file', args: { path: '/etc/passwd' } })).ok, false);
  });

  it('keep what they remember apart where each tenant has a process of its own', async () => {
    const { breaker: guard, ...stdio } = processOf('memory', programOf('server-memory'));
    const env = { MEMORY_FILE_PATH: join(folder, '{tenant}.jsonl') };
    const server: McpServerSpec = { ...stdio, stdio: { ...stdio.stdio!, env }, breaker: guard };
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['counts'] }];
    await run({ server, tool: 'create_entities', args: { entities }, tenant: 'one', spec: { effect: 'write' } });
    assert.match(bodyOf(await run({ server, tool: 'read_graph', tenant: 'one' })), /Ada/);
    assert.doesNotMatch(bodyOf(await run({ server, tool: 'read_graph', tenant: 'two' })), /Ada/);
    // A third process takes the place of the one that was idle the longest; what that one knew is in its file.
    assert.ok((await run({ server, tool: 'read_graph', tenant: 'three' })).ok);
    assert.match(bodyOf(await run({ server, tool: 'read_graph', tenant: 'one' })), /Ada/);
  });

  it('are not to be had when operators do not allow the command', async () => {
    const server: McpServerSpec = { name: 'shell', stdio: { command: '/bin/sh', args: [], env: {} }, breaker };
    const fault = await faultOf({ server, tool: 'echo' });
    assert.deepEqual([fault.kind, fault.reason, fault.details['sent']], ['broken', 'COMMAND_NOT_ALLOWED', 'no']);
  });

  it('are told to be down by the breaker while their server does not start, and others go on', async () => {
    const dead = processOf('dead', '-e', 'process.exit(1)');
    for (let n = 0; n < breaker.volumeThreshold; n++) {
      // oxlint-disable-next-line no-await-in-loop -- the breaker counts one after the other
      const fault = await faultOf({ server: dead, tool: 'echo' });
      assert.deepEqual([fault.kind, fault.details['sent']], ['unreachable', 'no']);
    }
    assert.equal((await faultOf({ server: dead, tool: 'echo' })).reason, 'BREAKER_OPEN');
    const server = processOf('everything', programOf('server-everything'), 'stdio');
    assert.ok((await run({ server, tool: 'echo', args: { message: 'x' } })).ok);
  });
});

describe('tools of an MCP server over HTTP', () => {
  let served: ChildProcess;
  let url: string;
  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/mcp`;
    const env = { PATH: process.env['PATH'], PORT: String(port) };
    served = spawn(node, [programOf('server-everything'), 'streamableHttp'], { env, stdio: 'ignore' });
    await eventually(() => fetch(url).then(() => true), { withinMs: 10_000 });
  });
  after(() => void served.kill());

  it('answer as those of a process do', async () => {
    const server: McpServerSpec = { name: 'remote', http: { url, credential: { headers: {} } }, breaker };
    assert.equal(bodyOf(await run({ server, tool: 'echo', args: { message: 'x' } })), 'Echo: x');
    assert.equal((await faultOf({ server, tool: 'no-longer-there' })).reason, 'UPSTREAM_TOOL_MISSING');
    const duration = { duration: 0.2, steps: 2 };
    assert.ok((await run({ server, tool: 'trigger-long-running-operation', args: duration })).ok);
  });

  it('are found again after the server was started anew', async () => {
    const patient = { ...breaker, volumeThreshold: 1_000 };
    const server: McpServerSpec = { name: 'restarted', http: { url, credential: { headers: {} } }, breaker: patient };
    assert.ok((await run({ server, tool: 'echo', args: { message: 'x' } })).ok);
    const { spawnargs } = served;
    const ended = new Promise((resolve) => served.once('exit', resolve));
    served.kill();
    await ended;
    assert.equal((await faultOf({ server, tool: 'echo', args: { message: 'x' } })).kind, 'unreachable');
    const env = { PATH: process.env['PATH'], PORT: new URL(url).port };
    served = spawn(node, spawnargs.slice(1), { env, stdio: 'ignore' });
    const again = async () => (await run({ server, tool: 'echo', args: { message: 'x' } })).ok;
    assert.ok(await eventually(again, { withinMs: 10_000 }));
  });
});

describe('a write at an MCP server', () => {
  const write: Partial<ToolSpec> = { effect: 'write' };

  it('carries its key and epoch in the request, as `_meta`', async () => {
    const seen: Record<string, unknown>[] = [];
    const connection = {
      call: async ({ meta }: { meta: Record<string, unknown> }) => (seen.push(meta), { content: [] }),
    };
    const catalogue = new Catalogue();
    catalogue.put({ kind: 'McpServer', spec: processOf('seen', '/nowhere.js') });
    const tool = toolOf({ ...write, name: 'act', driver: 'mcp', http: undefined, mcp: { server: 'seen' } });
    const call = callOf(tool, { deadlineAtMs: Date.now() + 10_000 });
    const driver = new McpDriver({ connections: { of: async () => ({ connection }) } as never, upstreams, catalogue });
    await driver.run({ call, tool, args: {}, signal: quiet, epoch: 7n });
    assert.equal(seen[0]?.['toolfleet.dev/idempotency-key'], call.idempotencyKey);
    assert.equal(seen[0]?.['toolfleet.dev/epoch'], '7');
  });

  it('of a dry run is made ready and starts no process', async () => {
    const catalogue = new Catalogue();
    catalogue.put({ kind: 'McpServer', spec: processOf('never', '/nowhere.js') });
    catalogue.put({
      kind: 'McpServer',
      spec: { name: 'barred', stdio: { command: 'rm', args: [], env: {} }, breaker },
    });
    const driver = new McpDriver({ connections, upstreams, catalogue });
    const planAt = (name: string) => {
      const tool = toolOf({ ...write, name: 'act', driver: 'mcp', http: undefined, mcp: { server: name, tool: 'do' } });
      return driver.plan({ call: callOf(tool), tool, args: {}, signal: quiet });
    };
    assert.deepEqual(await planAt('never'), { destination: 'never', method: 'tools/call', path: 'do' });
    await assert.rejects(planAt('barred'), (error: Fault) => error.reason === 'COMMAND_NOT_ALLOWED');
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
