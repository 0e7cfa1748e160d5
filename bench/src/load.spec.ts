import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionOutcome } from '@toolfleet/contracts';
import { eventually } from '@toolfleet/testkit';
import { ClosedLoop, problemOf, requestOf } from './load.js';
import { plans } from './plans.js';

const call = { callId: 's:1:0', tool: 'get_order', effect: 'read', outcome: 'ok' } as const;

const outcome = (changes: Partial<SessionOutcome>): SessionOutcome => ({
  ...{ tenant: 't', sessionId: 's', requestId: 'r', user: 'u', agent: 'bench', status: 'completed', answer: 'done' },
  ...{ usage: { inputTokens: 1, outputTokens: 1 }, turns: 3, calls: [call, call, call] },
  ...{ startedAtMs: 0, finishedAtMs: 1, labels: {}, run: 1 },
  ...changes,
});

describe('a session of the load', () => {
  it('is right only when it completed with every turn and every call of its plan', () => {
    assert.equal(problemOf(outcome({}), plans.short), undefined);
    assert.match(problemOf(outcome({ status: 'gaveUp' }), plans.short) ?? '', /gaveUp/);
    assert.match(problemOf(outcome({ turns: 2 }), plans.short) ?? '', /2 model turns instead of 3/);
    assert.match(problemOf(outcome({ calls: [call] }), plans.short) ?? '', /1 calls instead of 3/);
    assert.match(problemOf(outcome({}), plans.long) ?? '', /instead of 20/);
    const failed = { ...call, outcome: 'timedOut' } as const;
    assert.match(problemOf(outcome({ calls: [call, call, failed] }), plans.short) ?? '', /timedOut/);
  });
});

describe('the requests of the load', () => {
  it('are of the same people for each tenant, however tenants take turns', () => {
    const ofFirst = new Set<string>();
    for (let count = 0; count < 100_000; count += 4) {
      ofFirst.add(requestOf({ count, tenant: 'bench-1', agent: 'bench', plan: plans.short }).user);
    }
    assert.equal(ofFirst.size, 1_000);
  });

  it('are of as many people of a tenant as the load says', () => {
    const users = [0, 7, 14, 21].map(
      (count) => requestOf({ count, tenant: 'bench-1', agent: 'bench', plan: plans.short, people: 2 }).user,
    );
    assert.deepEqual(users, ['user-0', 'user-1', 'user-0', 'user-1']);
  });
});

describe('a closed loop', () => {
  const slot = () => {
    const ends: ((tookMs: number) => void)[] = [];
    const load = {
      failed: new Promise<never>(() => undefined),
      session: () => new Promise<number>((end) => ends.push(end)),
    };
    const { signal } = new AbortController();
    const clock = { ms: 0 };
    const loop = new ClosedLoop({ load, plan: plans.short, concurrency: 1, rampMs: 0, signal, now: () => clock.ms });
    const began = (sessions: number) => eventually(() => ends.length === sessions, { withinMs: 5_000 });
    return { ends, loop, began, clock };
  };

  it('tells what a session took when it ends, not in the window in which it began', async () => {
    const { ends, loop, began } = slot();
    await began(1);
    const before = loop.take();
    ends[0]!(7);
    await began(2);
    assert.deepEqual([before.tookMs, loop.take().tookMs], [[], [7]]);
    ends[1]!(8);
    await loop.stop();
  });

  it('counts a session that an edge cuts by its part in each window', async () => {
    const { ends, loop, began, clock } = slot();
    await began(1);
    clock.ms = 100;
    ends[0]!(100);
    await began(2);
    clock.ms = 120;
    const first = loop.take();
    clock.ms = 180;
    ends[1]!(80);
    await began(3);
    clock.ms = 220;
    const second = loop.take();
    // Of one that goes on, as if it took what the others took.
    assert.deepEqual(first, { tookMs: [100], sessions: 1 + 20 / 100 });
    assert.deepEqual(second, { tookMs: [80], sessions: 60 / 80 + 40 / 80 });
    ends[2]!(1);
    await loop.stop();
  });
});
