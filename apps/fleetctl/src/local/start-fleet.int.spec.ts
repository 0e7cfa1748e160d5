/** The supervisor with real Kafka and PostgreSQL and with stand-ins for the services. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, testDirectory } from '@toolfleet/testkit';
import { freePort } from '@toolfleet/local';
import { identityOf } from './process-identity.js';
import { startFleet, type FleetOptions, type RunningFleet } from './start-fleet.js';

const fakeRole = fileURLToPath(new URL('../../fixtures/fake-role.mjs', import.meta.url));
const anyPorts = { http: 0, grpc: 0, kafka: 0, postgres: 0 };
let directory: string;
let lines: string[];

before(async () => {
  directory = await testDirectory('fleet-');
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

function optionsFor(more: Partial<FleetOptions> = {}): FleetOptions {
  lines = [];
  return {
    directory,
    catalogDirectory: '.',
    ports: anyPorts,
    programOf: () => fakeRole,
    log: ({ source, text }) => lines.push(`${source} | ${text}`),
    ...more,
  };
}

/** Roles only: the parts are addresses that nobody calls. */
function rolesOnly(more: Partial<FleetOptions> = {}): FleetOptions {
  return optionsFor({ prepare: {}, brokers: ['127.0.0.1:1'], databaseUrl: 'postgres://127.0.0.1:1/x', ...more });
}

const pidsOf = (fleet: RunningFleet): number[] => fleet.processes().map(({ pid }) => pid);
const pidOf = (fleet: RunningFleet, name: string): number | undefined =>
  fleet.processes().find((process) => process.name === name)?.pid;

async function assertGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) assert.equal(await identityOf(pid), undefined, `process ${pid} is still there`);
}

async function factsOf(url: string): Promise<{ arguments: string[]; facts: Record<string, string> }> {
  return (await fetch(`${url}/facts`)).json() as Promise<{ arguments: string[]; facts: Record<string, string> }>;
}

test('a fleet starts with everything, is prepared before its roles, starts again on its data, and leaves no process', async () => {
  const prepared: string[] = [];
  const prepare = {
    topics: async (brokers: readonly string[]) => void prepared.push(`topics ${brokers.length}`),
    database: async (url: string) => void prepared.push(`database ${new URL(url).pathname}`),
  };
  const first = await startFleet(optionsFor({ prepare }));
  assert.deepEqual(prepared.toSorted(), ['database /toolfleet', 'topics 1']);
  assert.deepEqual(
    first.processes().map(({ name }) => name),
    ['kafka', 'postgres', 'services', 'executors'],
  );
  const { facts } = await factsOf(first.gatewayUrl);
  assert.equal(facts['TOOLFLEET_DATABASE_URL'], first.databaseUrl);
  const firstPids = pidsOf(first);
  await first.stop();
  await assertGone(firstPids);
  assert.ok(lines.includes('services | draining'));

  const againAtMs = Date.now();
  const second = await startFleet(optionsFor({ prepare }));
  const restartMs = Date.now() - againAtMs;
  assert.ok(restartMs < 15_000, `the second start took ${restartMs} ms`);
  assert.equal((await factsOf(second.gatewayUrl)).facts['TOOLFLEET_RECEIPT_KEY'], facts['TOOLFLEET_RECEIPT_KEY']);
  const secondPids = pidsOf(second);

  // The parts come back by themselves, too.
  for (const name of ['kafka', 'postgres']) {
    const pid = pidOf(second, name);
    await second.kill(name);
    await eventually(() => pidOf(second, name) !== pid, { withinMs: 20_000 });
    secondPids.push(pidOf(second, name) as number);
  }
  await second.stop();
  await assertGone(secondPids);
});

test('a killed role is started again at once, and only that one', async () => {
  const fleet = await startFleet(rolesOnly({ layout: 'split' }));
  const before = new Map(fleet.processes().map(({ name, pid }) => [name, pid]));
  assert.equal(before.size, 7);
  await fleet.kill('policy');
  await eventually(() => pidOf(fleet, 'policy'), { withinMs: 10_000 });
  await fleet.untilReady({ withinMs: 20_000 });
  for (const [name, pid] of before) assert.equal(pidOf(fleet, name) === pid, name !== 'policy', name);
  const pids = [...before.values(), ...pidsOf(fleet)];
  await fleet.stop();
  await assertGone(pids);
});

test('a fleet that is stopped while a role comes back leaves no process', async () => {
  const fleet = await startFleet(rolesOnly({ layout: 2 }));
  const pids = pidsOf(fleet);
  await fleet.kill('services-2');
  const [, ...stops] = await Promise.all([undefined, fleet.stop(), fleet.stop()]);
  assert.equal(stops.length, 2);
  await assertGone([...pids, ...pidsOf(fleet)]);
});

test('a role whose configuration is wrong fails the start with its own words, and nothing is left', async () => {
  await assert.rejects(startFleet(rolesOnly({ env: { FAKE_EXIT: '1' } })), {
    reason: 'NOT_READY',
    message: /exit code 1.*\nthe configuration is wrong: model\.baseUrl is required/s,
  });
  const fleet = await startFleet(rolesOnly());
  await fleet.stop();
});

test('an aborted start rejects with the reason and leaves the directory free', async () => {
  const abort = new AbortController();
  const start = startFleet(rolesOnly({ env: { FAKE_READY_MS: '60000' }, signal: abort.signal }));
  const reason = new Error('changed my mind');
  await eventually(() => lines.includes('services | listening'), { withinMs: 20_000 });
  abort.abort(reason);
  await assert.rejects(start, reason);
  await (await startFleet(rolesOnly())).stop();
});

test('a second fleet on the same directory is refused while the first lives', async () => {
  const fleet = await startFleet(rolesOnly());
  await assert.rejects(startFleet(rolesOnly()), { reason: 'FLEET_RUNNING' });
  assert.equal((await fetch(`${fleet.gatewayUrl}/readyz`)).status, 200);
  await fleet.stop();
});

test('a usual port that is taken gives way to a free one, and a port asked for does not', async () => {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await assert.rejects(startFleet(rolesOnly({ ports: { ...anyPorts, http: port } })), {
    reason: 'PORT_TAKEN',
    message: `Port ${port} for HTTP is taken by another process.`,
  });
  await new Promise((resolve) => server.close(resolve));
});

test('an app that was not built, or a catalogue that is not there, is named before anything starts', async () => {
  const unbuilt = startFleet(rolesOnly({ programOf: (app) => `/nonexistent/${app}/main.js` }));
  await assert.rejects(unbuilt, { reason: 'NOT_BUILT', hint: 'Run `npm run build`.' });
  const lost = startFleet(rolesOnly({ catalogDirectory: '/nonexistent' }));
  await assert.rejects(lost, { reason: 'CATALOG_MISSING', message: 'There is no catalogue at /nonexistent.' });
});

test('when the supervisor itself is killed nothing outlives it, and the next start takes over', async () => {
  const module = new URL('./start-fleet.js', import.meta.url).href;
  const options = { directory, catalogDirectory: '.', ports: anyPorts };
  const script = `
    const { startFleet } = await import(${JSON.stringify(module)});
    const options = ${JSON.stringify(options)};
    const fleet = await startFleet({ ...options, programOf: () => ${JSON.stringify(fakeRole)}, log: () => undefined });
    console.log(JSON.stringify(fleet.processes()));`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: supervisor.stdout }), 'line')) as [string];
  const pids = (JSON.parse(line) as { pid: number }[]).map(({ pid }) => pid);
  assert.equal(pids.length, 4);
  const gone = once(supervisor, 'exit');
  supervisor.kill('SIGKILL');
  // The signal is only on its way when `kill` returns; a process that still runs rightly holds its state.
  await gone;
  const next = await startFleet(optionsFor());
  await assertGone(pids);
  await next.stop();
});
