/**
 * From the request that cancels a session to the moment its model and its tools see the connection closed. The stubs do not
 * answer, say when they have the request, and say when its connection went, by the clock both processes share.
 */
import { sessionIdOf } from '@toolfleet/kernel';
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

interface Kind {
  readonly target: string;
  readonly agent: string;
  readonly shop: string;
  readonly connections: number;
}

const ofModel: Kind = { target: 'stuck-model', agent: 'agent-stuck-model', shop: 'calm', connections: 1 };
const ofTools: Kind = { target: 'stuck-shop', agent: 'agent-stuck-shop', shop: 'stuck-shop', connections: readsOfTurn };

export async function cancel(context: ScenarioContext): Promise<ScenarioResult> {
  const warmTarget: LoadTarget = { tenants: [tenant], agent: 'agent-calm', shop: 'calm' };
  return context.withFleet(catalog, async (fleet) => {
    const hangs = new Hangs(context.stubs);
    try {
      for (const { target } of [ofModel, ofTools]) {
        // oxlint-disable-next-line no-await-in-loop -- two orders
        await context.stubs.behave(target, { kind: 'hang' });
      }
      await warm(context, fleet, [warmTarget]);
      const model = await cancelMany(context, fleet, ofModel, hangs);
      const tools = await cancelMany(context, fleet, ofTools, hangs);
      return resultOf(context.name, { cancels: context.cancels, model: figuresOf(model), tools: figuresOf(tools) }, [
        atMost('model connection closed after a cancel, p99', figuresOf(model).p99Ms, closedMsMax, 'ms'),
        atMost('tool connections closed after a cancel, p99', figuresOf(tools).p99Ms, closedMsMax, 'ms'),
        none('connection left open', model.open + tools.open),
        none('session that did not end cancelled', model.otherwise + tools.otherwise),
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
  kind: Kind,
  hangs: Hangs,
): Promise<Cancelled> {
  context.onProgress(`${context.name}: ${kind.target}`);
  const cancelled: Cancelled = { closedMs: [], open: 0, otherwise: 0 };
  const slot = async (first: number): Promise<void> => {
    for (let index = first; index < context.cancels; index += atOnce) {
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
  { signal }: ScenarioContext,
  { system }: ScenarioFleet,
  { kind, hangs, cancelled }: OneCancel,
): Promise<void> {
  const count = system.flights.nextCount();
  const orderId = orderIdOf(count);
  const request = requestOf({ count, tenant, agent: kind.agent, shop: kind.shop, plan: plans.short });
  const ended = system.flights.start(request);
  const waits = { withinMs: hungMsMax, signal };
  await untilHolds(() => hangs.of(orderId, 'hung').length >= kind.connections, waits);
  const url = `${system.fleet.gatewayUrl}/v1/sessions/${sessionIdOf(tenant, request.requestId)}/cancel`;
  const atMs = monotonicMs();
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant, reason: 'bench', requestedBy: 'bench' }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(cancelMsMax)]),
  });
  const closed = () => hangs.of(orderId, 'closed');
  await untilHolds(() => closed().length >= kind.connections, { withinMs: closedWaitMsMax, signal });
  cancelled.closedMs.push(...closed().map((hang) => hang.atMs - atMs));
  cancelled.open += kind.connections - closed().length;
  const { outcome } = await ended;
  if (outcome.status !== 'cancelled') cancelled.otherwise += 1;
  hangs.forget(orderId);
}

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
