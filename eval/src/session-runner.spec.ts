import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import type { SessionBus } from '@toolfleet/example-retail/demo';
import { SessionRunner } from './session-runner.js';
import { NameBook, stagePlan, type StagedSession } from './staging.js';

const runs = ['Hello.', 'And now?'].map((input) => ({ input, answers: [], say: 'Well.' }));

function sessions(count: number): readonly StagedSession[] {
  const planned = Array.from({ length: count }, (_, index) => ({ id: String(index), tools: [], runs }));
  return stagePlan({ tools: [], sessions: planned, notes: [], score: () => ({}) }, 0, 'r', new NameBook()).sessions;
}

function outcomeOf(requestId: string, run: number, status: SessionOutcome['status'] = 'completed'): SessionOutcome {
  return {
    ...{ requestId, run, status, tenant: 't', sessionId: 's', user: 'u', agent: 'a', answer: `run ${run}`, calls: [] },
    ...{ usage: { inputTokens: 0, outputTokens: 0 }, turns: 1, startedAtMs: 0, finishedAtMs: 0, labels: {} },
  };
}

/** Tells every outcome twice, as a bus may, and none of the requests that `lost` names. */
function fleet(lost: (requestId: string) => boolean) {
  let tell: (outcome: SessionOutcome) => void = () => undefined;
  const told = (outcome: SessionOutcome): void => {
    tell(outcome);
    tell(outcome);
  };
  const bus: SessionBus = {
    listen: async (onOutcome) => void (tell = onOutcome),
    publish: async ({ requestId }) => {
      if (!lost(requestId)) setImmediate(() => told(outcomeOf(requestId, 1)));
    },
    close: async () => undefined,
  };
  return { bus, told };
}

const tools = { expect: () => undefined, executionsOf: () => 0, straysOf: () => 0 };
const signal = new AbortController().signal;
const authorization = async (tenant: string): Promise<string> => `Bearer of ${tenant}`;

test('each message of the user goes to the session when the run before has ended', async () => {
  const { bus, told } = fleet(() => false);
  const messages: string[] = [];
  const gateway = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { messageId, text } = JSON.parse(Buffer.concat(chunks).toString()) as { messageId: string; text: string };
      messages.push(text);
      response.writeHead(202).end('{}');
      told(outcomeOf(messageId.replace(/-2$/, ''), 2));
    });
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  after(() => gateway.close());
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const runner = new SessionRunner({ bus, gatewayUrl, authorization, tools, signal, onEnded: () => undefined });
  await runner.open();
  const ran = await runner.run(sessions(40));
  assert.equal(messages.filter((text) => text === 'And now?').length, 40);
  assert.deepEqual(
    [...new Set(ran.map(({ status, outcomes }) => `${status} ${outcomes.map(({ answer }) => answer).join()}`))],
    ['completed run 1,run 2'],
  );
  assert.deepEqual(
    ran.map(({ session }) => session.planned.id),
    Array.from({ length: 40 }, (_, index) => String(index)),
  );
});

test('a session whose outcome does not come is stuck, one that ends otherwise keeps its status', async () => {
  const all = sessions(2);
  const { bus } = fleet((requestId) => requestId === all[1]!.requestId);
  const gatewayUrl = 'http://127.0.0.1:1';
  const runner = new SessionRunner({
    bus,
    gatewayUrl,
    authorization,
    tools,
    signal,
    onEnded: () => undefined,
    runDeadlineMs: 50,
  });
  await runner.open();
  const [refused, stuck] = await runner.run(all);
  assert.deepEqual([refused?.status, refused?.outcomes.length, stuck?.status], ['failed', 1, 'stuck']);
  assert.match(refused?.problem ?? '', /fetch failed/);
});
