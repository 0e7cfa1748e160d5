import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TopicNames } from '@toolfleet/contracts';
import type { AuditRecord } from '@toolfleet/kernel';
import { Placement } from '@toolfleet/kernel';
import { Outlet } from './outlet.js';

const record = { tenant: 'acme' } as AuditRecord;

async function topicsOf(auditing: 'on' | 'off'): Promise<string[]> {
  const topics: string[] = [];
  const sender = { send: async ({ topic }: { topic: string }) => void topics.push(topic) };
  await new Outlet(sender as never, new TopicNames(), new Placement(8, 4), auditing).audit(record);
  return topics;
}

test('what is told to the audit goes to its topic, and nowhere where an operator turned it off', async () => {
  assert.deepEqual(await topicsOf('on'), ['toolfleet.audit.v1']);
  assert.deepEqual(await topicsOf('off'), []);
});
