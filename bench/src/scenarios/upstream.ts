/**
 * One upstream falls ill while sessions go on at it and at a healthy one: the healthy one's sessions must not notice, the
 * breaker must open soon, and close soon once the upstream is well again. The breaker is read from its topic, where each
 * executor tells what it sees, with the time it saw it.
 */
import { decodeBreakerRecord, type BreakerState } from '@toolfleet/contracts';
import type { LoadTarget } from '../load.js';
import { plans } from '../plans.js';
import { rounded } from '../report.js';
import { prompt, type StubBehaviour } from '../stub-behaviour.js';
import { atMost, none, quotient, resultOf, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog } from './catalog.js';
import { slowedMs, withCosts } from './costs.js';
import { answeredAll, loopsOf, offered, quietRateOf, untilHolds, warm } from './scenario.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';
import { offerAll, OpenLoop, type Stream } from './open-loop.js';
import type { Tally } from './tally.js';

const p99RatioMax = 1.25;
const openedSMax = 2;
const closedSMax = 5;
/** A breaker that has not closed by then does not close. */
const closedMsMax = 30_000;

const catalog: ScenarioCatalog = {
  shops: ['sick', 'well'],
  agents: [agentOf('sick', 'prompt'), agentOf('well', 'prompt')],
  tenants: [
    { name: 'bench-sick', agents: ['agent-sick'] },
    { name: 'bench-well', agents: ['agent-well'] },
  ],
};

/**
 * Half a period apart. In step two sessions share every batch, and the fleet takes 0.36 cores where it takes 0.58 of them apart; those
 * of the ill upstream fall out of step, and the healthy one's would pay for batches of their own.
 */
const streamsAt = (perSecond: number): readonly Stream[] =>
  ['well', 'sick'].map((shop, index) => ({
    ...{ tenant: `bench-${shop}`, agent: `agent-${shop}`, shop, plan: plans.short, perSecond },
    firstMs: (index * 500) / perSecond,
  }));
const targetOf = (shop: string): LoadTarget => ({ tenants: [`bench-${shop}`], agent: `agent-${shop}`, shop });

export function upstreamSlow(context: ScenarioContext): Promise<ScenarioResult> {
  return runUpstream(context, { kind: 'answer', latencyMs: 10_000 });
}

export function upstreamErrors(context: ScenarioContext): Promise<ScenarioResult> {
  return runUpstream(context, { kind: 'fail', status: 503 });
}

async function runUpstream(context: ScenarioContext, illness: StubBehaviour): Promise<ScenarioResult> {
  const forMs = context.seconds * 1_000;
  return context.withFleet(catalog, async (fleet) => {
    await warm(context, fleet, [targetOf('well'), targetOf('sick')]);
    const perSecond = await quietRateOf(context, fleet, targetOf('well'));
    const streams = streamsAt(perSecond);
    context.onProgress(`${context.name}: both upstreams well`);
    const before = await withCosts(fleet, () => offered(context, fleet, streams, forMs));
    const [alone] = before.value as [Tally];
    const breaker = await BreakerWatch.open(fleet, 'sick');
    const loops = loopsOf(context, fleet, streams) as [OpenLoop, OpenLoop];
    context.onProgress(`${context.name}: one upstream is ill`);
    const illAtMs = Date.now();
    await context.stubs.behave('sick', illness);
    const during = await withCosts(fleet, () => offerAll(loops, forMs));
    const recovery = await recover(context, fleet, { breaker, sick: streams[1]! });
    await answeredAll([...loops, recovery.loop]);
    const [{ tally: well }, { tally: sick }] = loops;
    const openedS = rounded((breaker.openedAtMs(illAtMs) - illAtMs) / 1_000, 2);
    return resultOf(
      context.name,
      {
        perSecond,
        well: {
          ...{ p50AloneMs: alone.percentileMs(50), p99AloneMs: alone.percentileMs(99) },
          ...{ p50Ms: well.percentileMs(50), p99Ms: well.percentileMs(99), offered: well.offered, lost: well.lost },
        },
        sick: { offered: sick.offered, done: sick.done, unanswered: sick.unanswered },
        sickOtherwise: { ...sick.otherwise, ...sick.refused },
        ...{ openedS, closedS: recovery.closedS, breakerChanges: breaker.changes },
        cores: { before: before.cores, ill: during.cores },
        slowedMs: slowedMs(before.parts, during.parts),
      },
      [
        atMost(
          "other upstreams' session p99 to before",
          quotient(well.percentileMs(99), alone.percentileMs(99)),
          p99RatioMax,
        ),
        none("other upstreams' session lost", well.lost),
        atMost('breaker open after', openedS, openedSMax, 's'),
        atMost('breaker closed after the recovery in', recovery.closedS, closedSMax, 's'),
        none('session of the ill upstream unanswered', sick.unanswered),
      ],
    );
  });
}

/** Sessions go on asking, because what nobody asks for is never found well. */
async function recover(
  context: ScenarioContext,
  { system }: ScenarioFleet,
  { breaker, sick }: { readonly breaker: BreakerWatch; readonly sick: Stream },
) {
  context.onProgress(`${context.name}: the upstream is well again`);
  const { signal } = context;
  const loop = new OpenLoop(sick, { flights: system.flights, signal });
  const over = new AbortController();
  const wellAtMs = Date.now();
  await context.stubs.behave('sick', prompt);
  const load = loop.offer(closedMsMax, over.signal);
  await untilHolds(() => breaker.isClosed, { withinMs: closedMsMax, signal });
  over.abort();
  await load;
  return { loop, closedS: rounded((breaker.closedAtMs() - wellAtMs) / 1_000, 2) };
}

/** The breaker of one upstream, as the executors tell of it. */
class BreakerWatch {
  readonly #states: BreakerState[] = [];

  private constructor() {}

  static async open({ system }: ScenarioFleet, upstream: string): Promise<BreakerWatch> {
    const watch = new BreakerWatch();
    await system.bus.watch('breaker', ({ value }) => {
      const record = decodeBreakerRecord(value);
      if (record.type === 'state' && record.upstream === upstream) watch.#states.push(record);
    });
    return watch;
  }

  get changes(): number {
    return this.#states.length;
  }

  /** Every executor that had anything to tell has told last that it is closed. */
  get isClosed(): boolean {
    const last = new Map(this.#states.map((each) => [each.instance, each.state]));
    return last.size > 0 && [...last.values()].every((state) => state === 'closed');
  }

  /** NaN when it never opened. */
  openedAtMs(fromMs: number): number {
    return this.#states.find(({ state, atMs }) => state === 'open' && atMs >= fromMs)?.atMs ?? Number.NaN;
  }

  closedAtMs(): number {
    return this.isClosed ? Math.max(...this.#states.map(({ atMs }) => atMs)) : Number.NaN;
  }
}
