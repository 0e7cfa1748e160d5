import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BudgetSpec, ModelAnswer, ModelRouteSpec, Session } from '@toolfleet/kernel';
import { Catalogue, evolve, isFault } from '@toolfleet/kernel';
import type { ModelRequest } from '@toolfleet/platform/model';
import { MemoryQuotaStore } from '@toolfleet/platform/postgres/testing';
import { QuotaLeases } from '@toolfleet/platform/quota';
import { SessionBudgets } from './session-budgets.js';

const prices = { inputMicrosPerMillion: 1_000_000, outputMicrosPerMillion: 1_000_000 };
const route: ModelRouteSpec = {
  ...{ name: 'main', provider: 'openai', baseUrl: 'http://127.0.0.1', model: 'm', stream: false },
  ...{ timeoutMs: 1_000, concurrencyMax: 1, ...prices },
};
const request = { route: { ...route, maxOutputTokens: 10 }, messages: [], tools: [] } as unknown as ModelRequest;

function sessionOf(user: string, tenant = 'acme'): Session {
  const asked = { tenant, user, requestId: 'r', agent: 'a', input: 'hi', roles: [], labels: {} };
  const limits = { stepsMax: 5, wallTimeMs: 60_000, tokensMax: 1_000, escalate: false };
  return evolve(undefined, {
    ...{ type: 'started', seq: 1, atMs: Date.now(), sessionId: 's1', deadlineAtMs: Date.now() + 60_000 },
    ...{ request: asked, tools: [], limits, modelRoute: 'main' },
  });
}

const answerOf = (tokens: number): ModelAnswer => ({
  ...{ text: '', toolCalls: [], finishReason: 'stop' },
  usage: { inputTokens: tokens, outputTokens: 0, costMicros: tokens },
});

function world(...budgets: BudgetSpec[]) {
  const catalogue = new Catalogue();
  const tenant = { displayName: '', concurrentSessionsMax: 1, waitingSessionsMax: 1, agents: [] };
  for (const name of ['acme', 'other']) catalogue.put({ kind: 'Tenant', spec: { ...tenant, name, budgets } });
  const store = new MemoryQuotaStore();
  const replica = () => {
    const leases = new QuotaLeases({ store });
    return { budgets: new SessionBudgets(catalogue, leases), close: () => leases.close() };
  };
  return { store, replica };
}

async function turn(budgets: SessionBudgets, session: Session, tokens = 10): Promise<string> {
  try {
    (await budgets.enter(session, route, request)).settle(answerOf(tokens));
    return 'asked';
  } catch (error) {
    assert.ok(isFault(error), String(error));
    return `${error.reason} ${error.details['unit']} of the ${error.details['budget']}`;
  }
}

async function turnsUntilRefused(budgets: SessionBudgets, session: Session): Promise<[number, string]> {
  for (let count = 0; ; count++) {
    // oxlint-disable-next-line no-await-in-loop -- one turn follows another
    const end = await turn(budgets, session);
    if (end !== 'asked' || count > 1_000) return [count, end];
  }
}

describe('SessionBudgets', () => {
  it('gives a user as many steps as they have, over all sessions, and another user their own', async () => {
    const { budgets } = world({ per: 'user', window: 'day', steps: 5 }).replica();
    assert.deepEqual(await turnsUntilRefused(budgets, sessionOf('u1')), [5, 'BUDGET_EXHAUSTED steps of the user']);
    assert.equal(await turn(budgets, sessionOf('u1')), 'BUDGET_EXHAUSTED steps of the user');
    assert.equal(await turn(budgets, sessionOf('u2')), 'asked');
    assert.equal(await turn(budgets, sessionOf('u1', 'other')), 'asked');
  });

  it('lets the least of tokens and money decide, and a refused turn costs nothing', async () => {
    const { budgets } = world(
      { per: 'user', window: 'day', steps: 100, tokens: 1_000 },
      { per: 'tenant', window: 'month', costMicros: 55 },
    ).replica();
    assert.deepEqual(await turnsUntilRefused(budgets, sessionOf('u1')), [
      5,
      'BUDGET_EXHAUSTED costMicros of the tenant',
    ]);
    const left = Object.fromEntries(budgets.left(sessionOf('u1')).map(({ unit, left: amount }) => [unit, amount]));
    assert.ok(left['steps']! >= 90 - 12 && left['steps']! <= 95, JSON.stringify(left));
  });

  it('outlasts the process: what was spent is spent, what was held comes back', async () => {
    const { replica } = world({ per: 'tenant', window: 'month', steps: 20 });
    for (let at = 0; at < 4; at++) {
      const { budgets, close } = replica();
      for (let step = 0; step < 5; step++) assert.equal(await turn(budgets, sessionOf(`u${step}`)), 'asked');
      await close();
    }
    assert.match(await turn(replica().budgets, sessionOf('u1')), /^BUDGET_EXHAUSTED/);
  });

  it('charges what a turn took beyond its estimate, and the next one waits for it', async () => {
    const { budgets } = world({ per: 'user', window: 'day', tokens: 100 }).replica();
    assert.equal(await turn(budgets, sessionOf('u1'), 150), 'asked');
    // What this process holds already, an eighth, is spent first.
    assert.ok((await turnsUntilRefused(budgets, sessionOf('u1')))[0] <= 1);
  });

  it('asks the book for chunks, not for each turn', async () => {
    const { store, replica } = world({ per: 'tenant', window: 'month', steps: 10_000 });
    const { budgets } = replica();
    for (let at = 0; at < 500; at++) assert.equal(await turn(budgets, sessionOf('u1')), 'asked');
    assert.ok(store.leases < 25, `${store.leases} requests`);
  });

  it('asks nobody where there is no budget', async () => {
    const { store, replica } = world();
    assert.equal(await turn(replica().budgets, sessionOf('u1')), 'asked');
    assert.equal(store.leases, 0);
  });
});
