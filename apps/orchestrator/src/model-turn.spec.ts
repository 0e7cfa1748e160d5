import assert from 'node:assert/strict';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { Manifest, ModelRouteSpec, Session, SessionInput, ToolSpec } from '@toolfleet/kernel';
import { ArgumentValidators, Catalogue, CompiledPolicy, bundleOf, evolve, limits } from '@toolfleet/kernel';
import { Breakers } from '@toolfleet/platform/breaker';
import { HttpClient } from '@toolfleet/platform/http';
import { HttpModelClient } from '@toolfleet/platform/model';
import { MemoryQuotaStore } from '@toolfleet/platform/postgres/testing';
import { QuotaLeases } from '@toolfleet/platform/quota';
import { eventually } from '@toolfleet/testkit';
import { ModelTurns } from './model-turn.js';
import { sessionId, startOf } from './session.fixture.js';
import { SessionBudgets } from './session-budgets.js';
import { TokenQuotas } from './token-quotas.js';

const quiet = new AbortController().signal;
const http = new HttpClient();
const breakers = new Breakers({ callsMin: 1_000 });
let server: Server;
let requests = 0;
let reply: RequestListener;

before(async () => {
  server = createServer((request, response) => {
    requests += 1;
    request.resume();
    reply(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  await http.close();
  server.close();
  server.closeAllConnections();
});

const toolOf = (name: string, over: Partial<ToolSpec> = {}): Manifest => {
  const parameters = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
  const spec: ToolSpec = {
    ...{ name, version: '1', owner: 't', description: '', parameters, toolClass: 'read', effect: 'read' },
    ...{ riskTier: 'low', idempotent: false, observation: { bytesMax: 100 }, driver: 'builtin', ...over },
  };
  return { kind: 'Tool', spec };
};

function turns(route: Partial<ModelRouteSpec> = {}, catalogue = new Catalogue()): ModelTurns {
  requests = 0;
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const main: ModelRouteSpec = {
    ...{ name: 'main', provider: 'openai', baseUrl, model: 'm', stream: false, timeoutMs: 5_000, concurrencyMax: 8 },
    ...route,
  };
  const limits = { stepsMax: 5, wallTimeMs: 60_000, tokensMax: 1_000 };
  catalogue.put({ kind: 'ModelRoute', spec: main });
  catalogue.put({
    kind: 'Agent',
    spec: {
      name: 'helper',
      instructions: 'Help.',
      model: 'main',
      tools: ['*'],
      toolsOfferedMax: 8,
      limits,
      onLimit: 'giveUp',
    },
  });
  catalogue.put(toolOf('look'));
  const rule = {
    name: 'all',
    effect: 'allow',
    tenants: ['*'],
    roles: ['*'],
    tools: ['*'],
    when: '',
    reason: '',
    approversNeeded: 0,
  } as const;
  const policy = new CompiledPolicy(bundleOf([rule], 0));
  const client = new HttpModelClient({ http, breakers });
  const leases = new QuotaLeases({ store: new MemoryQuotaStore() });
  return new ModelTurns({
    client,
    catalogue,
    validators: new ArgumentValidators(),
    policy: () => policy,
    quotas: new TokenQuotas(catalogue, leases),
    budgets: new SessionBudgets(catalogue, leases),
    attemptsMax: 3,
  });
}

function session(wallTimeMs = 60_000): Session {
  const { start } = startOf() as Extract<SessionInput, { type: 'start' }>;
  const now = Date.now();
  return evolve(undefined, {
    ...{ type: 'started', seq: 1, atMs: now, sessionId, deadlineAtMs: now + wallTimeMs },
    ...{ request: start.request, tools: start.tools, limits: start.limits, modelRoute: 'main' },
  });
}

const says =
  (message: object, finish_reason = 'stop', usage = {}): RequestListener =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason }], usage }));
  };
/** Which tools each request offers, in the order of the requests. */
function recordOffers(): string[][] {
  const offered: string[][] = [];
  reply = (request, response) => {
    const read = async (): Promise<void> => {
      const { tools = [] } = JSON.parse(await text(request)) as { tools?: { function: { name: string } }[] };
      offered.push(tools.map((tool) => tool.function.name));
      says({ role: 'assistant', content: 'Hi' })(request, response);
    };
    void read();
  };
  return offered;
}
const call = (name: string, text: string, id = 'c1') => ({ id, type: 'function', function: { name, arguments: text } });
const calls = (...tool_calls: readonly object[]) => says({ role: 'assistant', tool_calls }, 'tool_calls');
const status =
  (code: number, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end();

const endOf = (input: SessionInput | undefined): string =>
  input?.type === 'modelFailed' ? `${input.fault.kind}/${input.fault.reason}` : (input?.type ?? 'nothing');

describe('ModelTurns', () => {
  it('judges what the model proposes, where its answer arrives', async () => {
    const proposals = [
      call('look', '{"id":"1"}'),
      call('look', '{}'),
      call('lok', '{"id":"1"}'),
      call('look', '{"id":'),
    ];
    reply = calls(...proposals);
    const input = await turns().run(session(), quiet);
    assert.ok(input?.type === 'modelAnswered');
    const judged = input.calls.map(({ disposition, refusal }) => refusal?.reason ?? disposition);
    assert.deepEqual(judged, ['dispatch', 'ARGUMENTS_INVALID', 'UNKNOWN_TOOL', 'ARGUMENTS_NOT_JSON']);
    assert.deepEqual(input.calls[2]?.refusal?.alternatives[0], 'look');
  });

  it('hands an answer with a slowed call on later, or not at all once the turn is given up', async () => {
    const catalogue = new Catalogue();
    const asking = turns({}, catalogue);
    const agent = catalogue.get('Agent', 'helper')!;
    const storms = { sameCall: [{ calls: 2, action: 'slow' as const }] };
    catalogue.put({ kind: 'Agent', spec: { ...agent, storms } });
    reply = calls(call('look', '{"id":"1"}'), call('look', '{"id":"1"}', 'c2'));
    const startedMs = performance.now();
    const input = await asking.run(session(), quiet);
    assert.ok(performance.now() - startedMs >= limits.stormSlowMs - 50);
    assert.deepEqual(input?.type === 'modelAnswered' && input.calls.map(({ disposition }) => disposition), [
      'dispatch',
      'dispatch',
    ]);
    const given = new AbortController();
    const turn = asking.run(session(), given.signal);
    await eventually(() => requests === 2, { withinMs: 5_000 });
    setTimeout(() => given.abort(), 200);
    assert.equal(await turn, undefined);
  });

  it('offers read_artifact once an answer was too long, and not before', async () => {
    const offered = recordOffers();
    const asking = turns();
    await asking.run(session(), quiet);
    await asking.run({ ...session(), artifacts: [{ handle: 'h1', toolClass: 'read' }] }, quiet);
    assert.deepEqual(offered, [['look'], ['look', 'read_artifact']]);
  });

  it('offers find_tools while there are tools to be found, and what a session has until it is archived', async () => {
    const offered = recordOffers();
    const catalogue = new Catalogue();
    const asking = turns({}, catalogue);
    for (const visibility of ['offered', 'hidden', 'archived'] as const) {
      catalogue.put(toolOf('look', { visibility }));
      // oxlint-disable-next-line no-await-in-loop -- turns follow one another
      await asking.run(session(), quiet);
    }
    catalogue.put(toolOf('other'));
    await asking.run(session(), quiet);
    assert.deepEqual(offered, [['look'], ['look'], [], ['find_tools']]);
  });

  it('takes over the first turn that was asked ahead, and asks anew for any other', async () => {
    reply = says({ role: 'assistant', content: 'Hello.' });
    const asking = turns();
    const first = session();
    asking.askAhead(first);
    // The same session by what it began with; its clock may say another time.
    const answer = await asking.run({ ...first, startedAtMs: 1 }, quiet);
    assert.deepEqual([endOf(answer), requests], ['modelAnswered', 1]);
    await asking.run(first, quiet);
    assert.equal(requests, 2);
  });

  it('stops a turn that was asked ahead when nobody wants it, or its session ends', async () => {
    let cut = 0;
    reply = (_request, response) => response.on('close', () => (cut += 1));
    const asking = turns();
    const [unwanted, ended] = [session(), session()];
    const stop = asking.askAhead(unwanted);
    asking.askAhead(ended);
    await eventually(() => requests === 2, { withinMs: 2_000 });
    stop();
    const end = new AbortController();
    const running = asking.run(ended, end.signal);
    end.abort();
    assert.equal(await running, undefined);
    await eventually(() => cut === 2, { withinMs: 2_000 });
  });

  it('asks again while the model is away, so often and no more', async () => {
    reply = (request, response) =>
      (requests < 3 ? status(503) : says({ role: 'assistant', content: 'Hi' }))(request, response);
    assert.equal(endOf(await turns().run(session(), quiet)), 'modelAnswered');
    reply = status(503);
    assert.equal(endOf(await turns().run(session(), quiet)), 'unreachable/MODEL_FAILED');
    assert.equal(requests, 3);
  });

  it('does not multiply an outage: its retries are a bounded share, and what is told is the failure in degraded mode', async () => {
    reply = status(503);
    const asking = turns({ concurrencyMax: 100 });
    const count = 60;
    const ends = await Promise.all(Array.from({ length: count }, () => asking.run(session(1_500), quiet)));
    const floor = limits.retriesPerSecondMin * (1 + 1.5);
    assert.ok(requests <= count * 1.1 + floor, `${requests} requests of ${count} turns`);
    assert.ok(requests > count, `${requests} requests`);
    const faults = ends.flatMap((end) => (end?.type === 'modelFailed' ? [end.fault] : []));
    assert.ok(faults.length > 0 && ends.every((end) => end?.type === 'modelFailed' || end?.type === 'tick'));
    for (const { reason, retryable, retryAfterMs, hint, details } of faults) {
      assert.deepEqual([reason, retryable, details['degraded']], ['MODEL_FAILED', true, 'model']);
      assert.ok(hint && retryAfterMs);
    }
  });

  it('does not ask again what the model refuses', async () => {
    reply = status(400);
    assert.equal(endOf(await turns().run(session(), quiet)), 'invalid/MODEL_REFUSED_REQUEST');
    assert.equal(requests, 1);
  });

  it('gives up at once when the model asks for a longer wait than the session has', async () => {
    reply = status(429, { 'retry-after': '60' });
    assert.equal(endOf(await turns().run(session(30_000), quiet)), 'overloaded/MODEL_RATE_LIMITED');
    assert.equal(requests, 1);
  });

  it("ends a slow model at the route's timeout, and leaves the session's own end of time to its limits", async () => {
    reply = () => undefined;
    assert.equal(endOf(await turns({ timeoutMs: 100 }).run(session(), quiet)), 'expired/DEADLINE_PASSED');
    assert.equal(endOf(await turns().run(session(100), quiet)), 'tick');
  });

  it('refuses an answer too large for one record, counted in bytes and in calls', async () => {
    const large = 'invalid/MODEL_ANSWER_TOO_LARGE';
    reply = says({ role: 'assistant', content: '\u20ac'.repeat(150_000) });
    assert.equal(endOf(await turns().run(session(), quiet)), large);
    reply = calls(...Array.from({ length: 500 }, (_, at) => call('x', '', `c${at}`)));
    assert.equal(endOf(await turns().run(session(), quiet)), large);
  });

  it('ends in nothing when it is stopped, while it asks and while it waits to ask again', async () => {
    for (const answer of [() => undefined, status(503)] satisfies RequestListener[]) {
      reply = answer;
      const stop = new AbortController();
      const running = turns().run(session(), stop.signal);
      await eventually(() => requests > 0, { withinMs: 2_000 });
      stop.abort();
      assert.equal(await running, undefined);
    }
  });

  it('waits for tokens of its route until others have settled theirs for less', async () => {
    const cheap = says({ role: 'assistant', content: 'Hi' }, 'stop', { prompt_tokens: 9, completion_tokens: 1 });
    let answerFirst: (() => void) | undefined;
    reply = (request, response) => void (answerFirst = () => void cheap(request, response));
    // Each turn is estimated at a little more than 1,024 tokens.
    const asking = turns({ tokensPerMinute: 2_000 });
    const first = asking.run(session(), quiet);
    await eventually(() => answerFirst, { withinMs: 2_000 });
    const second = asking.run(session(), quiet);
    reply = cheap;
    answerFirst!();
    assert.deepEqual([endOf(await first), endOf(await second), requests], ['modelAnswered', 'modelAnswered', 2]);
  });

  it('fails for its quota when no tokens come free before its session ends, and never asks the model', async () => {
    reply = says({ role: 'assistant', content: 'Hi' });
    const asking = turns({ tokensPerMinute: 50 });
    assert.equal(endOf(await asking.run(session(), quiet)), 'modelAnswered');
    const input = await asking.run(session(600), quiet);
    assert.equal(endOf(input), 'overloaded/QUOTA_EXCEEDED');
    const fault = input?.type === 'modelFailed' ? input.fault : undefined;
    assert.deepEqual([fault?.details['limit'], fault?.remainingBudget, requests], ['50', 0, 1]);
    const stop = new AbortController();
    const stopped = asking.run(session(), stop.signal);
    stop.abort();
    assert.equal(await stopped, undefined);
  });

  it('says so when the route or the agent has left the catalogue', async () => {
    const gone = { ...session(), modelRoute: 'other' };
    assert.equal(endOf(await turns().run(gone, quiet)), 'missing/MODEL_ROUTE_UNKNOWN');
  });
});
