/**
 * What one tenant's trouble does to another: the loud tenant offers a hundred times its share, and besides its tools may
 * hang or its records be poison. The quiet one that is judged has its admission on the same partition, the worst place
 * there is; a second one, whose span has no partition in common, shows what is left then. What they do alone is measured in two
 * halves, before the storm and after it: a shared machine changes its speed within minutes, and a heap grows.
 */
import type { LoadTarget } from '../load.js';
import { groupsOf } from '../measure.js';
import { plans } from '../plans.js';
import { rounded } from '../report.js';
import { prompt } from '../stub-behaviour.js';
import { atLeast, atMost, none, quotient, resultOf, type Aim, type Figures, type ScenarioResult } from './aims.js';
import { agentOf, type ScenarioCatalog } from './catalog.js';
import { answeredAll, loopsOf, offeredAndAnswered, quietRateOf, restartedSince, warm, yieldOf } from './scenario.js';
import { slowedMs, withCosts } from './costs.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';
import { loudLingerMs, offerAll, type Stream } from './open-loop.js';
import { Poison } from './poison.js';
import { neighboursOf } from './spans.js';
import type { Tally } from './tally.js';

const loud = 'bench-loud';
const { near, far } = neighboursOf(loud);
/** Small, so that a hundred times what they yield is a storm and not more than the machine can publish. */
const fewPlaces = 4;
/** What a tenant has that says nothing: executors then hold sixteen times as many hanging calls as with few places. */
const defaultPlaces = 64;
/** A short turn of a real model. Four places then yield 1.3 sessions a second: with 200 tenants, as much as two cores can do. */
const modelLatencyMs = 1_000;
const timesShare = 100;
const p99RatioMax = 1.25;
/**
 * Of the same trouble, before anything is measured: a fleet that has been up for a while has refused and dead-lettered
 * before. Compiling those paths takes five seconds, here and in the broker, in which the quiet tenants take twice as long.
 */
const rehearsalMs = 10_000;
/** Of what its places yield when it is alone. */
const shareKept = 0.9;

const catalogWith = (places: number): ScenarioCatalog => ({
  shops: ['loud', 'calm'],
  agents: [agentOf('loud', 'slow'), agentOf('calm', 'prompt')],
  tenants: [
    // What waits when the storm is over is worked off in a quarter of a minute.
    { name: loud, agents: ['agent-loud'], concurrentSessionsMax: places, waitingSessionsMax: 5 * fewPlaces },
    { name: near, agents: ['agent-calm'] },
    { name: far, agents: ['agent-calm'] },
  ],
});

const loudTarget: LoadTarget = { tenants: [loud], agent: 'agent-loud', shop: 'loud' };
const quietTarget: LoadTarget = { tenants: [near, far], agent: 'agent-calm', shop: 'calm' };
const quietStreams = (perSecond: number): readonly Stream[] =>
  [near, far].map((tenant) => ({ tenant, agent: 'agent-calm', shop: 'calm', plan: plans.short, perSecond }));

/** What goes wrong besides the storm; it may begin again when it has ended. */
interface Trouble {
  begin(): Promise<void>;
  /** The aims are those of the trouble itself, since it first began. */
  end(): Promise<{ readonly figures: Figures; readonly aims: readonly Aim[] }>;
  /** Whether the loud tenant can still do its sessions. */
  readonly works: boolean;
}

const quietEnd = { figures: {}, aims: [] };

export function neighbourStorm(context: ScenarioContext): Promise<ScenarioResult> {
  return runNeighbour(context, fewPlaces, () => ({
    begin: async () => undefined,
    end: async () => quietEnd,
    works: true,
  }));
}

export function neighbourHang(context: ScenarioContext): Promise<ScenarioResult> {
  return runHanging(context, fewPlaces);
}

/** Besides the storm the loud tenant does what its places entitle it to: some 17 more sessions a second. */
export function neighbourHangWide(context: ScenarioContext): Promise<ScenarioResult> {
  return runHanging(context, defaultPlaces);
}

export function neighbourPoison(context: ScenarioContext): Promise<ScenarioResult> {
  return runNeighbour(context, fewPlaces, ({ system }) => {
    const poison = new Poison(system.bus, loud, context.signal);
    return {
      begin: () => poison.begin(),
      end: async () => {
        const { published, deadLetters } = await poison.end();
        const aim = none('poison record without its dead letter', published - sumOf(deadLetters));
        return { figures: { poisonRecords: published, deadLetters }, aims: [aim] };
      },
      works: true,
    };
  });
}

function runHanging(context: ScenarioContext, places: number): Promise<ScenarioResult> {
  const { stubs } = context;
  return runNeighbour(context, places, () => ({
    begin: () => stubs.behave('loud', { kind: 'hang' }),
    end: () => stubs.behave('loud', prompt).then(() => quietEnd),
    works: false,
  }));
}

async function runNeighbour(
  context: ScenarioContext,
  places: number,
  troubleOf: (fleet: ScenarioFleet) => Trouble,
): Promise<ScenarioResult> {
  const forMs = context.seconds * 1_000;
  return context.withFleet(catalogWith(places), async (fleet) => {
    await context.stubs.behave('slow', { kind: 'answer', latencyMs: modelLatencyMs });
    await warm(context, fleet, [quietTarget, loudTarget]);
    const quiet = quietStreams(await quietRateOf(context, fleet, quietTarget));
    context.onProgress(`${context.name}: what few places of the loud tenant yield`);
    const sharePerSecond = await yieldOf(context, fleet, { target: loudTarget, slots: fewPlaces });
    const trouble = troubleOf(fleet);
    const loudStream = loudStreamOf(sharePerSecond);
    await rehearse(context, fleet, { trouble, streams: [...quiet, loudStream] });
    const aloneLoops = loopsOf(context, fleet, quiet);
    context.onProgress(`${context.name}: the quiet tenants alone`);
    const alone = await withCosts(fleet, () => offeredAndAnswered(aloneLoops, forMs / 2));
    const processes = groupsOf(fleet.system);
    await trouble.begin();
    context.onProgress(`${context.name}: with the loud tenant`);
    const loops = loopsOf(context, fleet, [...quiet, loudStream]);
    const during = await withCosts(fleet, () => offerAll(loops, forMs));
    const overAtMs = performance.now();
    const { figures, aims } = await trouble.end();
    await answeredAll(loops);
    context.onProgress(`${context.name}: the quiet tenants alone again`);
    await offeredAndAnswered(aloneLoops, forMs / 2);
    const aloneTallies = aloneLoops.map(({ tally }) => tally) as [Tally, Tally];
    const [nearTally, farTally, loudTally] = loops.map(({ tally }) => tally) as [Tally, Tally, Tally];
    const donePerSecond = loudTally.doneAtMs.filter((atMs) => atMs <= overAtMs).length / context.seconds;
    const restarted = restartedSince(processes, fleet);
    return resultOf(
      context.name,
      {
        quietPerSecond: quiet[0]?.perSecond ?? 0,
        ...quietFigures(aloneTallies, [nearTally, farTally]),
        loud: {
          ...{ sharePerSecond: rounded(sharePerSecond, 1), offeredPerSecond: rounded(loudStream.perSecond, 1) },
          ...{ donePerSecond: rounded(donePerSecond, 1), unanswered: loudTally.unanswered },
        },
        loudRefused: loudTally.refused,
        loudOtherwise: loudTally.otherwise,
        ...figures,
        cores: { alone: alone.cores, storm: during.cores },
        slowedMs: slowedMs(alone.parts, during.parts),
        restarted,
      },
      [
        atMost(
          "quiet tenant's p99 to its p99 alone",
          quotient(nearTally.percentileMs(99), aloneTallies[0].percentileMs(99)),
          p99RatioMax,
        ),
        none("quiet tenants' session lost", nearTally.lost + farTally.lost),
        ...loudAims(loudTally, trouble.works ? quotient(donePerSecond, sharePerSecond) : undefined),
        ...aims,
        none('process restarted', restarted),
      ],
    );
  });
}

const loudStreamOf = (sharePerSecond: number): Stream => ({
  ...{ tenant: loud, agent: 'agent-loud', shop: 'loud', plan: plans.short },
  perSecond: timesShare * sharePerSecond,
  lingerMs: loudLingerMs,
});

async function rehearse(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { trouble, streams }: { readonly trouble: Trouble; readonly streams: readonly Stream[] },
): Promise<void> {
  context.onProgress(`${context.name}: the trouble, once before it counts`);
  await trouble.begin();
  const loops = loopsOf(context, fleet, streams);
  await offerAll(loops, rehearsalMs);
  await trouble.end();
  await answeredAll(loops);
}

function quietFigures(alone: readonly [Tally, Tally], storm: readonly [Tally, Tally]): Figures {
  const of = (index: 0 | 1): Figures[string] => ({
    ...{ p50AloneMs: alone[index].percentileMs(50), p99AloneMs: alone[index].percentileMs(99) },
    ...{ p50Ms: storm[index].percentileMs(50), p99Ms: storm[index].percentileMs(99) },
    ...{ offered: storm[index].offered, lost: storm[index].lost },
  });
  return { quietNear: of(0), quietFar: of(1) };
}

/** A refusal says why; whoever asked is answered, whatever the answer. */
function loudAims(tally: Tally, share: number | undefined): readonly Aim[] {
  const refusals = sumOf(tally.refused);
  return [
    ...(share === undefined ? [] : [atLeast("loud tenant's sessions to its share", share, shareKept)]),
    atLeast('refusals of the loud tenant', refusals, 1),
    none('refusal without a reason', tally.refused['WITHOUT_REASON'] ?? 0),
    none('session of the loud tenant unanswered', tally.unanswered),
  ];
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, each) => total + each, 0);
