import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '@toolfleet/kernel';
import { ChildProcess, untilReady } from './child-process.js';

const forever = 'setInterval(() => undefined, 1000);';

function startNode(script: string): Promise<ChildProcess> {
  return ChildProcess.start({ name: 'child', command: process.execPath, arguments: ['-e', script] });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 200 && isAlive(pid); attempt += 1) await sleep(25);
  assert.equal(isAlive(pid), false, `process ${pid} is still alive`);
}

test('stop insists with SIGKILL when a child ignores the request', async () => {
  const child = await startNode(`process.on('SIGTERM', () => console.log('no')); console.log('up'); ${forever}`);
  await untilReady(child, { name: 'child', deadlineMs: 10_000, check: async () => child.tail.includes('up') });
  await child.stop('SIGTERM', 200);
  assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
  assert.deepEqual(child.tail, ['up', 'no']);
});

test('a suspended child can be stopped', async () => {
  const child = await startNode(`console.log('up'); ${forever}`);
  await untilReady(child, { name: 'child', deadlineMs: 10_000, check: async () => child.tail.includes('up') });
  child.signal('SIGSTOP');
  await child.stop('SIGTERM', 10_000);
  assert.equal((await child.exited).signal, 'SIGTERM');
});

test('a child that ends before it is ready is a fault that quotes its last lines', async () => {
  const child = await startNode(`console.error('disk full'); process.exit(3);`);
  const ready = untilReady(child, { name: 'Disk', deadlineMs: 10_000, check: async () => false });
  await assert.rejects(ready, (error: unknown) => {
    assert.ok(isFault(error));
    assert.equal(error.reason, 'NOT_READY');
    assert.match(error.message, /Disk ended before it was ready \(exit code 3\).*\ndisk full/);
    return true;
  });
});

test('a command that does not exist is a fault, not a crash', async () => {
  const start = ChildProcess.start({ name: 'nothing', command: '/nonexistent/program', arguments: [] });
  await assert.rejects(start, { reason: 'PROCESS_NOT_STARTED' });
});

test('a child dies with its parent, even when the parent is killed and the child ignores every request', async () => {
  const module = new URL('./child-process.js', import.meta.url).href;
  const deaf = `for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => undefined); ${forever}`;
  const parentScript = `
    const { ChildProcess } = await import(${JSON.stringify(module)});
    const child = await ChildProcess.start({
      name: 'deaf', command: process.execPath, arguments: ['-e', ${JSON.stringify(deaf)}] });
    console.log(child.pid);
    ${forever}`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', parentScript], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const childPid = Number(line);
  assert.equal(isAlive(childPid), true);
  parent.kill('SIGKILL');
  await untilGone(childPid);
});
