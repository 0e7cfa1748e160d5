import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { isFault } from '@toolfleet/kernel';
import { cpuSpent, MemoryPeak, readCpuSeconds } from './cpu.js';

/** A shell that runs one busy child to its end, says so, and then waits. */
const busy =
  'let spent; do { for (let i = 0; i < 1e6; i += 1); spent = process.cpuUsage(); } while (spent.user + spent.system < 4e5)';
const script = `"$0" -e "${busy}"; echo; read -r _`;

describe('what processes cost', { skip: process.platform !== 'linux' }, () => {
  it('the time of a child that has ended counts for its parent, and nothing counts twice', async () => {
    const shell = spawn('/bin/sh', ['-c', script, process.execPath], { stdio: ['pipe', 'pipe', 'inherit'] });
    const groups = { shell: shell.pid ?? 0 };
    try {
      const before = readCpuSeconds(groups);
      const memory = new MemoryPeak(groups);
      await once(shell.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
      const spent = cpuSpent(before, readCpuSeconds(groups))['shell'] ?? 0;
      assert.equal(spent >= 0.39 && spent < 1.5, true, `${spent} s`);
      assert.equal(memory.stop() > 0, true);
    } finally {
      shell.stdin.end();
      await once(shell, 'exit');
    }
    assert.throws(
      () => readCpuSeconds(groups),
      (error) => isFault(error) && error.reason === 'PROCESS_GONE',
    );
  });
});
