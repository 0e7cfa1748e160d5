import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { FleetState, findRunningFleet } from './fleet-state.js';
import { identityOf, isAlive } from './process-identity.js';

const addresses = {
  gatewayUrl: 'http://127.0.0.1:8080',
  grpcAddress: '127.0.0.1:9090',
  routerAddress: '127.0.0.1:9090',
  policyAddress: '127.0.0.1:9090',
  brokers: ['127.0.0.1:9092'],
  databaseUrl: 'postgres://127.0.0.1/x',
};
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fleet-state-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('a directory with a living fleet is refused, and the fault says where that fleet is', async () => {
  const first = await FleetState.claim(directory);
  await first.update([], addresses);
  await assert.rejects(FleetState.claim(directory), (error: unknown) => {
    assert.ok(isFault(error));
    assert.equal(error.reason, 'FLEET_RUNNING');
    assert.equal(error.details['gatewayUrl'], addresses.gatewayUrl);
    return true;
  });
  assert.deepEqual((await findRunningFleet(directory))?.addresses, addresses);
  await first.release();
  assert.equal(await findRunningFleet(directory), undefined);
  await (await FleetState.claim(directory)).release();
});

test('the claim of a process whose number was given to another is dead, and its children are ended', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  await once(orphan, 'spawn');
  const child = await identityOf(orphan.pid as number);
  const owner = { pid: process.pid, startedAt: 'another time' };
  await writeFile(join(directory, 'fleet.json'), JSON.stringify({ owner, children: [child], addresses }));
  assert.equal(await findRunningFleet(directory), undefined);
  const state = await FleetState.claim(directory);
  assert.ok(child !== undefined && !(await isAlive(child)));
  await state.release();
});

test('a process that is alive but was not the one recorded is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  await once(stranger, 'spawn');
  const child = { pid: stranger.pid as number, startedAt: 'another time' };
  await writeFile(join(directory, 'fleet.json'), JSON.stringify({ owner: child, children: [child] }));
  await (await FleetState.claim(directory)).release();
  assert.equal(stranger.exitCode ?? stranger.signalCode, null);
  stranger.kill('SIGKILL');
  await once(stranger, 'exit');
});

test('a claim whose writer died while writing does not block the directory', async () => {
  await writeFile(join(directory, 'fleet.json'), '{"owner":');
  await (await FleetState.claim(directory)).release();
});

test('of many starts at once exactly one gets the directory', async () => {
  const claims = await Promise.allSettled(Array.from({ length: 8 }, () => FleetState.claim(directory)));
  assert.equal(claims.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('the receipt key and the issuer’s key are kept over restarts and readable by their owner only', async () => {
  const state = await FleetState.claim(directory);
  const key = await state.receiptKey();
  assert.equal(await state.receiptKey(), key);
  assert.equal(Buffer.from(key, 'base64url').length, 32);
  assert.equal((await stat(join(directory, 'receipt.key'))).mode & 0o777, 0o600);
  const { setting } = await state.issuer();
  assert.equal((await state.issuer()).setting, setting);
  assert.equal((await stat(join(directory, 'identity.key.json'))).mode & 0o777, 0o600);
  await state.release();
});
