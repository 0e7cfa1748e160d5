import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuotaBookSweep } from './quota-book.sweeper.js';

test('the book of quotas is gone through page by page and then from its beginning, and a failed page is looked at again', async () => {
  const asked: string[] = [];
  const pages: Record<string, string | undefined> = { '': 'b', b: 'd', d: undefined };
  let isAway = false;
  const sweep = new QuotaBookSweep({
    forgetPassed: async (after) => {
      asked.push(after);
      if (isAway) throw new Error('away');
      return { next: pages[after], forgotten: 0 };
    },
  });
  await sweep.pass();
  isAway = true;
  await assert.rejects(sweep.pass());
  isAway = false;
  for (let round = 0; round < 3; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- passes follow one another
    await sweep.pass();
  }
  assert.deepEqual(asked, ['', 'b', 'b', 'd', '']);
});
