import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFleet, shapesOf, type FleetFacts } from './plan.js';

const facts: FleetFacts = {
  brokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
  databaseUrl: 'postgres://u:p@127.0.0.1:5432/toolfleet',
  catalogDirectory: '/catalog',
  receiptKey: 'key',
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

test('by default everything but the orchestrator shares one process and one gRPC server', () => {
  const [services, orchestrator, ...others] = planFleet(facts, shapesOf(false, toolClasses), portsInOrder());
  assert.deepEqual(others, []);
  assert.deepEqual(services?.arguments, [
    '--roles',
    'gateway,policy,router,executor:read,executor:write,executor:export',
  ]);
  assert.deepEqual(orchestrator?.arguments, ['--roles', 'orchestrator']);
  assert.equal(services?.app, 'fleet');
  assert.equal(services?.env['TOOLFLEET_HTTP_PORT'], '8080');
  for (const plan of [services, orchestrator]) {
    assert.equal(plan?.env['TOOLFLEET_POLICY_ADDRESS'], '127.0.0.1:9090');
    assert.equal(plan?.env['TOOLFLEET_KAFKA_BROKERS'], '127.0.0.1:9092,127.0.0.1:9093');
  }
});

test('split, each role is its own app with its own ports, and one executor per tool class', () => {
  const plans = planFleet(facts, shapesOf(true, toolClasses), portsInOrder());
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
