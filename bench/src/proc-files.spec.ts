import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryOf, statOf, treeOf, type ProcStat } from './proc-files.js';

const stat = (pid: number, parentPid: number, cpuTicks = 0): ProcStat => ({ pid, parentPid, cpuTicks });

describe('the files of /proc', () => {
  it('a stat line gives own time and that of reaped children, whatever the command is called', () => {
    const line = '42 (post) gres: w (x) S 7 42 42 0 -1 4194560 900 80 0 0 100 20 3 4 20 0 1 0 5000 0 0';
    assert.deepEqual(statOf(line), { pid: 42, parentPid: 7, cpuTicks: 127 });
  });

  it('a process that ended while it was looked at is no process', () => {
    assert.equal(statOf(''), undefined);
    assert.equal(statOf('42 (node) S 7'), undefined);
  });

  it('shared memory is told apart from own memory, and a zombie has none', () => {
    const status = 'Name:\tpostgres\nVmRSS:\t   35 kB\nRssAnon:\t   10 kB\nRssFile:\t   20 kB\nRssShmem:\t    5 kB\n';
    assert.deepEqual(memoryOf(status), { ownKb: 30, sharedKb: 5 });
    assert.deepEqual(memoryOf('Name:\tnode\nState:\tZ (zombie)\n'), { ownKb: 0, sharedKb: 0 });
  });

  it('a tree is the root and all below it, and nothing beside it', () => {
    const stats = new Map([stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 2), stat(5, 1)].map((each) => [each.pid, each]));
    assert.deepEqual(
      treeOf(stats, 2).map(({ pid }) => pid),
      [2, 3, 4],
    );
    assert.deepEqual(treeOf(stats, 9), []);
  });
});
