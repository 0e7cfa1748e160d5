/**
 * Three times what the fleet can do, for a minute: it must go on doing nearly what it can, keep the age of its queues within
 * bounds, and be itself again soon after. Who waits and who is refused is admission's to say: the tenants have the places of
 * ordinary tenants, together as many as the peak is measured with, and rooms of what the fleet then does in a few seconds,
 * because nothing can empty a room of longer in less.
 *
 * The peak is the mean of what it does right before and right after, when it is offered just what it takes: the speed of a shared
 * machine moves by a fifth within minutes, which one of them would take for what the overload costs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '@toolfleet/kernel';
import { meterCpu, type CpuSeconds } from '../cpu.js';
import type { LoadTarget } from '../load.js';
import { groupsOf, measure } from '../measure.js';
import { samplesOf, scrapeAll, totalOf } from '../metrics.js';
import { plans } from '../plans.js';
import { rounded, type BenchRun } from '../report.js';
import { atLeast, atMost, none, quotient, resultOf, type ScenarioResult } from './aims.js';
import { tenantsApplied } from './applied.js';
import { quietRate } from './arrivals.js';
import { agentOf, writeTenants, type ScenarioCatalog, type ScenarioTenant } from './catalog.js';
import { cpuOf, mean } from './in-turn.js';
import { answeredAll, loopsOf, offered, restartedSince, servicesMb, warm, withLoad } from './scenario.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';
import { loudLingerMs, offerAll, type OpenLoop, type Stream } from './open-loop.js';
import { workDone, type LoadedTime, type Tally } from './tally.js';

const tenants = ['bench-1', 'bench-2', 'bench-3', 'bench-4'];
const placesOfTenant = 64;
/** A third of the time that a recovery may take: what waits goes first, and what came last runs its course. */
const waitingS = 3;
const timesPeak = 3;
const goodputLeast = 0.9;
const recoverySMax = 10;
const recoveryMsMax = 60_000;
const memoryRatioMax = 1.5;
/** Above it calls are shed, see `limits.queueAgeTargetMs`: no record of any topic may wait as long. */
const queueAgeSloS = limits.queueAgeTargetMs / 1_000;
/** Each look costs the fleet as much as some twenty sessions. */
const sampleEveryMs = 5_000;
/** Of so long the p99 of a tenant is the slowest of its sessions, some twenty-five of them. */
const normalMs = 5_000;
/** Short, because one look follows another until things are normal again. */
const lookMs = 2_000;
const normalRatioMax = 1.5;

const tenantsWith = (concurrentSessionsMax: number, waitingSessionsMax: number): readonly ScenarioTenant[] =>
  tenants.map((name) => ({ name, agents: ['agent-calm'], concurrentSessionsMax, waitingSessionsMax }));
const places = tenants.length * placesOfTenant;
const catalog: ScenarioCatalog = {
  shops: ['calm'],
  agents: [agentOf('calm', 'prompt')],
  // Sessions of the closed loop gather at the tenant that is slowest, in the worst case all of them, and none of them waits.
  tenants: tenantsWith(places, places),
};
const target: LoadTarget = { tenants, agent: 'agent-calm', shop: 'calm' };
const streamsAt = (perSecond: number, lingerMs?: number): readonly Stream[] =>
  tenants.map((tenant) => ({
    ...{ tenant, agent: 'agent-calm', shop: 'calm', plan: plans.short, ...(lingerMs && { lingerMs }) },
    perSecond: perSecond / tenants.length,
  }));

export async function overload(context: ScenarioContext): Promise<ScenarioResult> {
  return context.withFleet(catalog, async (fleet) => {
    await warm(context, fleet, [target]);
    const before = await peakOf(context, fleet);
    const waitingOfTenant = Math.ceil((before.sessionsPerS * waitingS) / tenants.length);
    await sized(context, fleet, { places: placesOfTenant, waiting: waitingOfTenant });
    const light = streamsAt(quietRate(before.sessionsPerS));
    const normalP99Ms = await lightP99(context, fleet, { light, forMs: normalMs });
    const processes = groupsOf(fleet.system);
    context.onProgress(`${context.name}: ${timesPeak} times the peak`);
    const watch = new FleetWatch(fleet, context.signal);
    const { loops, cpuS, time } = await loaded(context, fleet, timesPeak * before.sessionsPerS);
    const recovery = await recover(context, fleet, { light, normalP99Ms });
    await answeredAll(loops);
    const seen = await watch.stop();
    const tallies = loops.map(({ tally }) => tally);
    const doneAtMs = tallies.flatMap((tally) => tally.doneAtMs);
    const work = workDone(doneAtMs, time);
    const goodput = work / context.seconds;
    const restarted = restartedSince(processes, fleet);
    await sized(context, fleet, { places, waiting: places });
    const after = await peakOf(context, fleet);
    const peaks = [before, after];
    const peak = mean(peaks, (run) => run.sessionsPerS, 2);
    const worstAgeS = Math.max(0, ...Object.values(seen.queueAgeS));
    return resultOf(
      context.name,
      {
        peakPerSecond: { before: before.sessionsPerS, after: after.sessionsPerS },
        waitingOfTenant,
        offeredPerSecond: rounded(sum(tallies, (tally) => tally.offered) / context.seconds, 1),
        goodputPerSecond: rounded(goodput, 1),
        cpuMsAtPeak: cpuMsAt(peaks),
        cpuMsOverloaded: Object.fromEntries(
          Object.entries(cpuS).map(([name, spent]) => [name, rounded((spent * 1_000) / work, 3)]),
        ),
        refused: mergedCounts(tallies.map((tally) => tally.refused)),
        unanswered: sum(tallies, (tally) => tally.unanswered),
        queueAgeS: seen.queueAgeS,
        waitedS: seen.waitedS,
        recoveryS: recovery.afterS,
        normalP99Ms,
        recoveringP99Ms: recovery.p99Ms.join(' '),
        startMb: seen.startMb,
        peakMb: seen.peakMb,
        restarted,
      },
      [
        atLeast('goodput to the peak', quotient(goodput, peak), goodputLeast),
        atMost('age of the oldest record of any topic', worstAgeS, queueAgeSloS, 's'),
        atMost('wait for a place', seen.waitedS, queueAgeSloS, 's'),
        atMost('queues empty and p99 normal after', recovery.afterS, recoverySMax, 's'),
        none('process restarted', restarted),
        none(
          'session unanswered',
          sum(tallies, (tally) => tally.unanswered),
        ),
        atMost('peak of memory to its start', quotient(seen.peakMb, seen.startMb), memoryRatioMax),
      ],
    );
  });
}

/** What it does when it is offered just what it takes, looked at as often as under the load. */
async function peakOf(context: ScenarioContext, fleet: ScenarioFleet): Promise<BenchRun> {
  const watch = new FleetWatch(fleet, context.signal);
  try {
    return await withLoad(fleet, target, (bench) => measure(bench, plans.short, places, peakMsOf(context)));
  } finally {
    await watch.stop();
  }
}

interface Loaded {
  readonly loops: readonly OpenLoop[];
  readonly time: LoadedTime;
  /** Of each process meanwhile. */
  readonly cpuS: CpuSeconds;
}

async function loaded(context: ScenarioContext, fleet: ScenarioFleet, perSecond: number): Promise<Loaded> {
  const loops = loopsOf(context, fleet, streamsAt(perSecond, loudLingerMs));
  const cpuSpent = meterCpu({ ...groupsOf(fleet.system), stubs: context.stubs.pid });
  const fromMs = performance.now();
  await offerAll(loops, context.seconds * 1_000);
  return { loops, cpuS: cpuSpent(), time: { fromMs, toMs: performance.now(), places } };
}

/** Of a session, by process. */
const cpuMsAt = (peaks: readonly BenchRun[]): Readonly<Record<string, number>> => ({
  ...cpuOf(peaks),
  stubs: mean(peaks, (run) => run.cpuSPer1000OfStubs, 3),
  load: mean(peaks, (run) => run.cpuSPer1000OfLoad, 3),
});

/** Gives each tenant so many places, and so much room to wait; a tenant that comes with them tells when they hold. */
async function sized(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { places: ofTenant, waiting }: { readonly places: number; readonly waiting: number },
): Promise<void> {
  await writeTenants(fleet.catalogDirectory, 'tenants', tenantsWith(ofTenant, waiting));
  await tenantsApplied(context, fleet, [{ name: `bench-sized-${ofTenant}`, agents: ['agent-calm'] }]);
}

/** Before and after together as long as the load lasts, so that both bear their share of what the database does by the minute. */
const peakMsOf = ({ seconds }: ScenarioContext): number => Math.max(5_000, seconds * 500);

/** What a session takes while hardly anything else goes on. */
async function lightP99(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { light, forMs }: { readonly light: readonly Stream[]; readonly forMs: number },
): Promise<number> {
  const tallies = await offered(context, fleet, light, forMs);
  return Math.max(...tallies.map((tally) => tally.percentileMs(99)));
}

interface Recovery {
  /** Until the queues were empty and the sessions that came then took no longer than before the load; NaN: not in time. */
  readonly afterS: number;
  /** Of each look, once the queues were empty. */
  readonly p99Ms: readonly number[];
}

async function recover(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { light, normalP99Ms }: { readonly light: readonly Stream[]; readonly normalP99Ms: number },
): Promise<Recovery> {
  const beganAtMs = performance.now();
  const p99Ms: number[] = [];
  for (let atMs = beganAtMs; atMs - beganAtMs < recoveryMsMax; atMs = performance.now()) {
    // oxlint-disable-next-line no-await-in-loop -- one look after another
    if ((await queued(fleet)) > 0) await sleep(100, undefined, { signal: context.signal });
    else {
      // oxlint-disable-next-line no-await-in-loop
      const seenMs = await lightP99(context, fleet, { light, forMs: lookMs });
      p99Ms.push(seenMs);
      if (seenMs <= normalP99Ms * normalRatioMax) return { afterS: rounded((atMs - beganAtMs) / 1_000, 2), p99Ms };
    }
  }
  return { afterS: Number.NaN, p99Ms };
}

/** Sessions that wait for a place, and records that wait in any consumer. */
const queued = ({ system }: ScenarioFleet): Promise<number> =>
  totalOf(system.processes(), 'toolfleet_sessions_waiting', 'toolfleet_consumer_waiting');

/** Samples the fleet under load: the greatest age by topic, the longest wait for a place, the memory of its services. */
class FleetWatch {
  readonly #over = new AbortController();
  readonly #queueAgeS = new Map<string, number>();
  readonly #startMb: number;
  #peakMb: number;
  #waitedS = 0;
  readonly #work: Promise<void>;

  constructor(
    private readonly fleet: ScenarioFleet,
    private readonly signal: AbortSignal,
  ) {
    this.#startMb = servicesMb(fleet);
    this.#peakMb = this.#startMb;
    this.#work = this.#sample();
    this.#work.catch(() => undefined);
  }

  async stop() {
    this.#over.abort();
    await this.#work;
    const queueAgeS = Object.fromEntries([...this.#queueAgeS].map(([topic, age]) => [topic, rounded(age, 2)]));
    const [startMb, peakMb] = [rounded(this.#startMb, 0), rounded(this.#peakMb, 0)];
    return { queueAgeS, waitedS: rounded(this.#waitedS, 2), startMb, peakMb };
  }

  async #sample(): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.#over.signal]);
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- the pace
      const texts = await scrapeAll(this.fleet.system.processes());
      for (const { labels, value } of samplesOf(texts, 'toolfleet_queue_age_seconds')) {
        const topic = labels['topic'] ?? '';
        this.#queueAgeS.set(topic, Math.max(this.#queueAgeS.get(topic) ?? 0, value));
      }
      const waits = samplesOf(texts, 'toolfleet_sessions_oldest_wait_seconds').map(({ value }) => value);
      this.#waitedS = Math.max(this.#waitedS, ...waits);
      this.#peakMb = Math.max(this.#peakMb, servicesMb(this.fleet));
      // oxlint-disable-next-line no-await-in-loop
      await sleep(sampleEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0);

function mergedCounts(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const merged: Record<string, number> = {};
  for (const [reason, times] of all.flatMap(Object.entries)) merged[reason] = (merged[reason] ?? 0) + Number(times);
  return merged;
}
