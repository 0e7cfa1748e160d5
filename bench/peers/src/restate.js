/**
 * Restate: its server as it comes (one node, replicated log on RocksDB with fsync, 24 partitions) and one service process
 * with its SDK over HTTP/2. Each step is a `ctx.run`, the steps of a turn are awaited by `RestatePromise.all`. Sessions
 * come straight to the server's ingress, so no hop is added. Ports and folder are set, log levels are `warn`, telemetry is
 * off; the rest of both is as by default.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { runSession } from './agent.js';
import { announce } from './serve.js';

// The SDK reads its level when it is loaded.
process.env['RESTATE_LOGGING'] = 'WARN';
const { RestatePromise, serve, service } = await import('@restatedev/restate-sdk');

const readyDeadlineMs = 60_000;
const checkEveryMs = 100;

const agent = service({
  name: 'sessions',
  handlers: {
    /** @param {import('@restatedev/restate-sdk').Context} ctx @param {import('./serve.js').SessionRequest} request */
    run: (ctx, { input }) =>
      runSession(input, {
        step: (name, work) => ctx.run(name, work),
        all: (steps) =>
          RestatePromise.all(/** @type {import('@restatedev/restate-sdk').RestatePromise<any>[]} */ (steps)),
      }),
  },
});

const [ingressPort, adminPort, fabricPort] = await freePorts(3);
const server = startServer();
const servicePort = await serve({ services: [agent], port: 0 });
const admin = `http://127.0.0.1:${adminPort}`;
await untilAnswers(`${admin}/health`);
await untilAnswers(`http://127.0.0.1:${ingressPort}/restate/health`);
const { statusCode, body } = await request(`${admin}/deployments`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ uri: `http://127.0.0.1:${servicePort}` }),
});
const registered = await body.text();
if (statusCode >= 300) throw new Error(`Restate refused the service: ${statusCode} ${registered}`);
announce(`http://127.0.0.1:${ingressPort}/sessions/run`, server.stop);

/** The shell waits on a pipe that only this process holds: when this process ends, however it ends, the server does. */
function startServer() {
  const script = '"$@" & read -r _; kill -KILL $!; wait';
  const child = spawn('/bin/sh', ['-c', script, 'restate-server', serverProgram()], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      RESTATE_BASE_DIR: process.env['PEER_DIRECTORY'],
      // It makes two dozen folders for what it spills, and leaves them.
      TMPDIR: process.env['PEER_DIRECTORY'],
      RESTATE_NODE_NAME: 'bench',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(fabricPort),
      RESTATE_INGRESS__BIND_PORT: String(ingressPort),
      RESTATE_ADMIN__BIND_PORT: String(adminPort),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
    },
  });
  const ended = once(child, 'exit');
  /** Resolves when the server is gone, so that its files may go too. */
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { stop };
}

/** The binary itself: the package's own program is a Node process that would stand between, and cost. */
function serverProgram() {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('@restatedev/restate-server/package.json'));
  const platform = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  return join(dirname(resolve(`${platform}/package.json`)), 'bin', 'restate-server');
}

/** @param {string} url */
async function untilAnswers(url) {
  const deadlineAtMs = Date.now() + readyDeadlineMs;
  while (Date.now() < deadlineAtMs) {
    // oxlint-disable-next-line no-await-in-loop
    const status = await request(url).then(
      async (response) => (await response.body.dump(), response.statusCode),
      () => 0,
    );
    if (status === 200) return;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(checkEveryMs);
  }
  throw new Error(`${url} did not answer within ${readyDeadlineMs / 1_000} s.`);
}

/** All are held while they are looked for, so that they differ. @param {number} count @returns {Promise<number[]>} */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((each) => new Promise((done) => each.once('listening', () => done(undefined)))));
  const ports = servers.map((each) => /** @type {import('node:net').AddressInfo} */ (each.address()).port);
  await Promise.all(servers.map((each) => new Promise((done) => each.close(done))));
  return ports;
}
