import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { RepeatedLog } from './repeated-log.js';

describe('a log of lines that come in crowds', () => {
  it('writes the first of a kind at once, and the others as one line that counts them', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const lines: object[] = [];
      const log = new RepeatedLog((level, message, facts) => lines.push({ level, message, ...facts }), 1_000);
      const write = (kind: string, offset: number) => log.write('warn', 'Gone.', { kind, offset }, kind);
      for (let offset = 0; offset < 5; offset += 1) write('a', offset);
      write('b', 0);
      const line = { level: 'warn', message: 'Gone.' };
      assert.deepEqual(lines.splice(0), [
        { ...line, kind: 'a', offset: 0 },
        { ...line, kind: 'b', offset: 0 },
      ]);
      mock.timers.tick(1_000);
      assert.deepEqual(lines.splice(0), [{ ...line, kind: 'a', offset: 4, more: 4, inMs: 1_000 }]);
      write('a', 5);
      write('b', 1);
      assert.deepEqual(lines.splice(0), [{ ...line, kind: 'b', offset: 1 }]);
      mock.timers.tick(1_000);
      assert.deepEqual(lines.splice(0), [{ ...line, kind: 'a', offset: 5, more: 1, inMs: 1_000 }]);
      mock.timers.tick(1_000);
      write('a', 6);
      assert.deepEqual(lines, [{ ...line, kind: 'a', offset: 6 }]);
    } finally {
      mock.timers.reset();
    }
  });
});
