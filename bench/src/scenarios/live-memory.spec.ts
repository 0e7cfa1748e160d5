import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { LiveMemory } from './live-memory.js';

/** On each line of stdin it makes 64 MB of rubbish, lets go of 100,000 buffers of 4 KB, some later than others, and keeps 16 MB more of numbers and 16 MB of buffers. */
const script = `
const kept = [];
console.log('up');
process.stdin.on('data', async () => {
  let rubbish = Array.from({ length: 64 }, () => new Array(131_072).fill(0.5));
  rubbish = undefined;
  const passing = [];
  for (let count = 0; count < 100_000; count += 1) {
    const buffer = Buffer.allocUnsafeSlow(4_096);
    if (count % 7 === 0) passing[(count / 7) % 500] = buffer;
    if (count % 2_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  kept.push(Array.from({ length: 16 }, () => new Array(131_072).fill(0.5)), Buffer.alloc(16 * 1_048_576));
  console.log('kept');
});`;

test('what a process keeps is what a whole collection leaves, in its heap and outside', async () => {
  const memory = await LiveMemory.open();
  const env = { ...process.env, NODE_OPTIONS: memory.nodeOptions };
  const child = spawn(process.execPath, ['-e', script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const signal = AbortSignal.timeout(30_000);
  try {
    const { pid = 0 } = child;
    await once(child.stdout, 'data', { signal });
    const before = await memory.readMb([pid], signal);
    child.stdin.write('\n');
    await once(child.stdout, 'data', { signal });
    const kept = (await memory.readMb([pid], signal)) - before;
    assert.equal(Math.abs(kept - 32) < 4, true, `${kept} MB`);
  } finally {
    child.kill();
    await memory.close();
  }
});
