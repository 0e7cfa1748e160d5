import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { nodeArguments, planFleet, shapesOf, type FleetFacts } from './plan.js';

const facts: FleetFacts = {
  brokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
  databaseUrl: 'postgres://u:p@127.0.0.1:5432/toolfleet',
  catalogDirectory: '/catalog',
  receiptKey: 'key',
  subjectTokenKey: 'token key',
  auditSigningKey: 'signing',
  auditSubjectKey: 'subject',
  identityIssuers: '[]',
  machine: 'desk',
  httpPort: 8080,
  grpcPort: 9090,
};

const toolClasses = ['read', 'write', 'export'];

const portsInOrder = (): ((process: string, purpose: string) => number) => {
  const given = new Map<string, number>();
  return (process, purpose) => {
    const name = `${process} ${purpose}`;
    given.set(name, given.get(name) ?? 20_000 + given.size);
    return given.get(name) as number;
  };
};

const innerRoles = 'policy,router,orchestrator,executor:read,executor:write,executor:export';

test('the executors have a process of their own, and the two meet at a socket', () => {
  const [services, executors, ...others] = planFleet(
    { ...facts, socketDirectory: '/sockets' },
    shapesOf('default', toolClasses),
    portsInOrder(),
  );
  assert.deepEqual(others, []);
  assert.deepEqual(
    [services?.arguments[1], executors?.arguments[1]],
    ['gateway,policy,router,orchestrator', 'executor:read,executor:write,executor:export'],
  );
  assert.equal(services?.env['TOOLFLEET_HTTP_PORT'], '8080');
  assert.equal(services?.env['TOOLFLEET_NEIGHBOUR_SOCKET'], '/sockets/services.sock');
  assert.deepEqual(
    [services?.env['TOOLFLEET_NEIGHBOURS'], executors?.env['TOOLFLEET_NEIGHBOURS']],
    ['', '/sockets/services.sock'],
  );
});

test('of several processes every two have one connection', () => {
  const plans = planFleet({ ...facts, socketDirectory: '/s' }, shapesOf(3, toolClasses), portsInOrder());
  assert.deepEqual(
    plans.map(({ env }) => env['TOOLFLEET_NEIGHBOURS']),
    ['', '/s/services-1.sock', '/s/services-1.sock,/s/services-2.sock'],
  );
});

test('all roles share one process and one gRPC server', () => {
  const [services, ...others] = planFleet(facts, shapesOf(1, toolClasses), portsInOrder());
  assert.deepEqual(others, []);
  assert.deepEqual(services?.arguments, ['--roles', `gateway,${innerRoles}`]);
  assert.equal(services?.app, 'fleet');
  assert.equal(services?.env['TOOLFLEET_HTTP_PORT'], '8080');
  assert.equal(services?.env['TOOLFLEET_POLICY_ADDRESS'], '127.0.0.1:9090');
  assert.equal(services?.env['TOOLFLEET_KAFKA_BROKERS'], '127.0.0.1:9092,127.0.0.1:9093');
});

test('of several processes each holds all roles, and the first alone the gateway and its ports', () => {
  const plans = planFleet(facts, shapesOf(3, toolClasses), portsInOrder());
  assert.deepEqual(
    plans.map(({ name, arguments: [, roles] }) => [name, roles]),
    [
      ['services-1', `gateway,${innerRoles}`],
      ['services-2', innerRoles],
      ['services-3', innerRoles],
    ],
  );
  assert.equal(plans[0]?.env['TOOLFLEET_HTTP_PORT'], '8080');
  assert.equal(new Set(plans.map(({ httpPort }) => httpPort)).size, 3);
});

test('split, each role is its own app with its own ports, and one executor per tool class', () => {
  const plans = planFleet(facts, shapesOf('split', toolClasses), portsInOrder());
  assert.deepEqual(
    plans.map(({ name, app, env }) => [name, app, env['TOOL_CLASS']]),
    [
      ['gateway', 'gateway', undefined],
      ['policy', 'policy', undefined],
      ['router', 'router', undefined],
      ['orchestrator', 'orchestrator', undefined],
      ['executor-read', 'executor', 'read'],
      ['executor-write', 'executor', 'write'],
      ['executor-export', 'executor', 'export'],
    ],
  );
  const ports = plans.flatMap(({ env }) => [env['TOOLFLEET_HTTP_PORT'], env['TOOLFLEET_GRPC_PORT']]);
  assert.equal(new Set(ports).size, 14);
  const [gateway, policy] = plans;
  assert.equal(gateway?.env['TOOLFLEET_POLICY_ADDRESS'], `127.0.0.1:${policy?.env['TOOLFLEET_GRPC_PORT']}`);
});

test('each process has a name that its next life has again, and no other', () => {
  const namesOf = (machine: string) =>
    planFleet({ ...facts, machine }, shapesOf('split', toolClasses), portsInOrder()).map(
      ({ env }) => env['TOOLFLEET_REPLICA'],
    );
  const all = [...namesOf('desk'), ...namesOf('bench'), ...namesOf(`a strange name ${'x'.repeat(100)}`)];
  assert.equal(new Set(all).size, 21);
  assert.deepEqual(namesOf('desk'), all.slice(0, 7));
  for (const name of all) assert.match(name ?? '', /^[a-zA-Z0-9._-]{1,100}$/);
});

test('the image runs Node as a fleet on one machine does', async () => {
  const dockerfile = await readFile(new URL('../../../../deploy/Dockerfile', import.meta.url), 'utf8');
  const entry = /^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '';
  assert.deepEqual(JSON.parse(entry), ['/nodejs/bin/node', ...nodeArguments, '/app/main.js']);
});

test('the benchmark runs Node so, too, and does not collect its heap beside what it times', async () => {
  const packageJson = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(packageJson) as { scripts: Record<string, string> };
  assert.equal(scripts['bench'], ['tsc -b && node', ...nodeArguments, 'bench/dist/main.js'].join(' '));
});
