/**
 * From the request that cancels a session, or from the moment the client that watches it hangs up, to the moment its model
 * and its tools see the connection closed. The stubs do not answer, say when they have the request, and say when its
 * connection went, by the clock both processes share.
 */
import { sessionIdOf, unreachable } from '@toolfleet/kernel';
import type { LoadTarget } from '../load.js';
import { requestOf } from '../load.js';
import { percentilesOf } from '../percentiles.js';
import { orderIdOf, plans } from '../plans.js';
import { rounded } from '../report.js';
import { monotonicMs, type StubHang } from '../stub-behaviour.js';
import type { RunningStubs } from '../stubs.js';
import { atMost, none, resultOf, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog } from './catalog.js';
import { untilHolds, warm } from './scenario.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';

const tenant = 'bench-cancelling';
const closedMsMax = 100;
/** One after another would hide what many at once cost, and many would measure the load instead. */
const atOnce = 4;
/** The warm load cancels nothing: the first of each kind meet cold code, and would be the p99 of a hundred. */
const unmeasured = 12;
const hungMsMax = 30_000;
const closedWaitMsMax = 10_000;
const cancelMsMax = 10_000;
/** The first turn of the short plan asks for two reads at once. */
const readsOfTurn = 2;

const catalog: ScenarioCatalog = {
  shops: ['calm', 'stuck-shop'],
  agents: [
    agentOf('calm', 'prompt'),
    { ...agentOf('calm', 'stuck-model'), name: 'agent-stuck-model' },
    agentOf('stuck-shop', 'prompt'),
  ],
  tenants: [{ name: tenant, agents: ['agent-calm', 'agent-stuck-model', 'agent-stuck-shop'] }],
};

/** What the session waits for when it is cancelled. */
interface Waiting {
  readonly target: string;
  readonly agent: string;
  readonly shop: string;
  readonly connections: number;
}

const forModel: Waiting = { target: 'stuck-model', agent: 'agent-stuck-model', shop: 'calm', connections: 1 };
const forTools: Waiting = {
  ...{ target: 'stuck-shop', agent: 'agent-stuck-shop', shop: 'stuck-shop', connections: readsOfTurn },
};

interface StartedSession {
  /** Its own address at the gateway. */
  readonly url: string;
  readonly authorization: string;
  readonly signal: AbortSignal;
}

/** Prepares whatever must stand before, and returns what cancels. */
type Way = (session: StartedSession) => Promise<() => Promise<void>>;

const byRequest: Way = async ({ url, authorization, signal }) => {
  const body = JSON.stringify({ tenant, reason: 'bench' });
  const headers = { 'content-type': 'application/json', authorization };
  return async () => {
    await succeed(`${url}/cancel`, { method: 'POST', headers, body, signal });
  };
};

const byHangingUp: Way = async ({ url, authorization, signal }) => {
  const client = new AbortController();
  const hungUp = AbortSignal.any([signal, client.signal]);
  const events = `${url}/events?tenant=${tenant}&cancelOnDisconnect=true`;
  const response = await succeed(events, { headers: { authorization }, signal: hungUp });
  // The first event: the watch stands.
  await response.body?.getReader().read();
  return async () => client.abort();
};

async function succeed(url: string, request: RequestInit): Promise<Response> {
  const response = await fetch(url, request);
  if (response.ok) return response;
  throw unreachable('CANCEL_REFUSED', `The gateway answered ${response.status}: ${await response.text()}`);
}

interface Kind {
  readonly waiting: Waiting;
  readonly way: Way;
  readonly aim: string;
}

const kinds = {
  model: { waiting: forModel, way: byRequest, aim: 'model connection closed after a cancel' },
  tools: { waiting: forTools, way: byRequest, aim: 'tool connections closed after a cancel' },
  modelOfAbsent: { waiting: forModel, way: byHangingUp, aim: 'model connection closed after its client hung up' },
  toolsOfAbsent: { waiting: forTools, way: byHangingUp, aim: 'tool connections closed after their client hung up' },
} as const satisfies Record<string, Kind>;

export async function cancel(context: ScenarioContext): Promise<ScenarioResult> {
  const warmTarget: LoadTarget = { tenants: [tenant], agent: 'agent-calm', shop: 'calm' };
  return context.withFleet(catalog, async (fleet) => {
    const hangs = new Hangs(context.stubs);
    try {
      await Promise.all([forModel, forTools].map(({ target }) => context.stubs.behave(target, { kind: 'hang' })));
      await warm(context, fleet, [warmTarget]);
      const figures: Record<string, ReturnType<typeof figuresOf>> = {};
      for (const [name, kind] of Object.entries(kinds)) {
        context.onProgress(`${context.name}: ${name}`);
        // oxlint-disable-next-line no-await-in-loop -- two kinds at once would measure each other
        await cancelMany(context, fleet, { kind, hangs, times: unmeasured });
        // oxlint-disable-next-line no-await-in-loop
        const cancelled = await cancelMany(context, fleet, { kind, hangs, times: context.cancels });
        figures[name] = figuresOf(cancelled);
      }
      const all = Object.values(figures);
      return resultOf(context.name, { cancels: context.cancels, ...figures }, [
        ...Object.entries(kinds).map(([name, { aim }]) =>
          atMost(`${aim}, p99`, figures[name]?.p99Ms ?? Number.NaN, closedMsMax, 'ms'),
        ),
        none('connection left open', sum(all.map(({ open }) => open))),
        none('session that did not end cancelled', sum(all.map(({ otherwise }) => otherwise))),
      ]);
    } finally {
      hangs.close();
    }
  });
}

interface Cancelled {
  /** Of each connection, from the cancel to its end. */
  readonly closedMs: number[];
  open: number;
  otherwise: number;
}

const figuresOf = ({ closedMs, open, otherwise }: Cancelled) => {
  const [p50Ms = Number.NaN, p99Ms = Number.NaN] = percentilesOf(closedMs, [50, 99]).map((ms) => rounded(ms, 1));
  return { connections: closedMs.length, p50Ms, p99Ms, open, otherwise };
};

async function cancelMany(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { kind, hangs, times }: Pick<OneCancel, 'kind' | 'hangs'> & { readonly times: number },
): Promise<Cancelled> {
  const cancelled: Cancelled = { closedMs: [], open: 0, otherwise: 0 };
  const slot = async (first: number): Promise<void> => {
    for (let index = first; index < times; index += atOnce) {
      // oxlint-disable-next-line no-await-in-loop -- a slot's next session comes when its last one has ended
      await cancelOne(context, fleet, { kind, hangs, cancelled });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => slot(index)));
  return cancelled;
}

interface OneCancel {
  readonly kind: Kind;
  readonly hangs: Hangs;
  readonly cancelled: Cancelled;
}

async function cancelOne(
  context: ScenarioContext,
  { system }: ScenarioFleet,
  { kind, hangs, cancelled }: OneCancel,
): Promise<void> {
  const { agent, shop, connections } = kind.waiting;
  const count = system.flights.nextCount();
  const orderId = orderIdOf(count);
  const request = requestOf({ count, tenant, agent, shop, plan: plans.short });
  const ended = system.flights.start(request);
  const { signal } = context;
  await untilHolds(() => hangs.of(orderId, 'hung').length >= connections, { withinMs: hungMsMax, signal });
  const url = `${system.fleet.gatewayUrl}/v1/sessions/${sessionIdOf(tenant, request.requestId)}`;
  const authorization = await system.fleet.issuer.authorization(tenant);
  const within = AbortSignal.any([signal, AbortSignal.timeout(cancelMsMax)]);
  const cancelNow = await kind.way({ url, authorization, signal: within });
  const atMs = monotonicMs();
  await cancelNow();
  const closed = () => hangs.of(orderId, 'closed');
  await untilHolds(() => closed().length >= connections, { withinMs: closedWaitMsMax, signal });
  cancelled.closedMs.push(...closed().map((hang) => hang.atMs - atMs));
  cancelled.open += connections - closed().length;
  const { outcome } = await ended;
  if (outcome.status !== 'cancelled') cancelled.otherwise += 1;
  hangs.forget(orderId);
}

const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);

/** What the stubs tell of requests they do not answer, by the order that a session is about. */
class Hangs {
  readonly #byOrder = new Map<string, StubHang[]>();
  readonly close: () => void;

  constructor(stubs: RunningStubs) {
    this.close = stubs.onHang((hang) => {
      const known = this.#byOrder.get(hang.orderId);
      if (known === undefined) this.#byOrder.set(hang.orderId, [hang]);
      else known.push(hang);
    });
  }

  of(orderId: string, event: StubHang['event']): readonly StubHang[] {
    return (this.#byOrder.get(orderId) ?? []).filter((hang) => hang.event === event);
  }

  forget(orderId: string): void {
    this.#byOrder.delete(orderId);
  }
}
