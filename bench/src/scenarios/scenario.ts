/** What every scenario is given, and the few things that all of them do in the same way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readMemoryMb, type ProcessGroups } from '../cpu.js';
import { groupsOf, warmUp, type Bench } from '../measure.js';
import { ClosedLoop, Load, type LoadTarget } from '../load.js';
import { plans } from '../plans.js';
import type { RunningStubs } from '../stubs.js';
import type { ToolfleetSystem } from '../toolfleet-system.js';
import type { ScenarioResult } from './aims.js';
import type { ScenarioCatalog } from './catalog.js';
import { quietRate } from './arrivals.js';
import { offerAll, OpenLoop, type Stream } from './open-loop.js';
import type { Tally } from './tally.js';

export interface ScenarioContext {
  readonly name: string;
  /** Length of each phase that is measured. */
  readonly seconds: number;
  readonly warmSeconds: number;
  /** Of each kind in `cancel`. */
  readonly cancels: number;
  readonly stubs: RunningStubs;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** An empty fleet with this catalogue and these settings besides; it has ended when this resolves. */
  withFleet<T>(
    catalog: ScenarioCatalog,
    work: (fleet: ScenarioFleet) => Promise<T>,
    env?: Readonly<Record<string, string>>,
  ): Promise<T>;
}

export interface ScenarioFleet {
  readonly system: ToolfleetSystem;
  /** Its files are followed by the fleet. */
  readonly catalogDirectory: string;
  /** The fleet as the plain benchmark measures it, under this load. */
  benchOf(load: Load): Bench;
}

export type Scenario = (context: ScenarioContext) => Promise<ScenarioResult>;

/** Long enough for what waits behind a storm, and for calls that hang until their timeout. */
const answeredMsMax = 60_000;
const pollMs = 50;
/** Enough to keep two cores busy. */
const warmSlots = 32;
/** Of four places and 3 s a session it sees some twelve sessions. */
const yieldMsMin = 10_000;

/** A closed loop's load on the fleet, for as long as the work takes. */
export async function withLoad<T>(
  { system, benchOf }: ScenarioFleet,
  target: LoadTarget,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const load = new Load(system.flights, target);
  try {
    return await work(benchOf(load));
  } finally {
    load.close();
  }
}

/** Sessions a second that so many slots of a closed loop get. */
export async function yieldOf(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  { target, slots }: { readonly target: LoadTarget; readonly slots: number },
): Promise<number> {
  const { signal, seconds } = context;
  return withLoad(fleet, target, async ({ system }) => {
    const loop = new ClosedLoop({ load: system.load, plan: plans.short, concurrency: slots, rampMs: 0, signal });
    await loop.steady();
    loop.take();
    const beganAtMs = performance.now();
    await loop.run(Math.max(yieldMsMin, seconds * 100));
    const { sessions } = loop.take();
    const ranMs = performance.now() - beganAtMs;
    await loop.stop();
    return (sessions * 1_000) / ranMs;
  });
}

/** The rate of tenants that ask for little of what this fleet can do on this machine. */
export async function quietRateOf(context: ScenarioContext, fleet: ScenarioFleet, target: LoadTarget): Promise<number> {
  context.onProgress(`${context.name}: what the fleet can do`);
  return quietRate(await yieldOf(context, fleet, { target, slots: warmSlots }));
}

/** Compilers, connections and caches of a cold fleet cost five times as much. */
export function warm(context: ScenarioContext, fleet: ScenarioFleet, targets: readonly LoadTarget[]): Promise<unknown> {
  return Promise.all(
    targets.map((target) =>
      withLoad(fleet, target, (bench) =>
        warmUp(bench, plans.short, Math.ceil(warmSlots / targets.length), context.warmSeconds * 1_000),
      ),
    ),
  );
}

export function loopsOf(
  { signal }: ScenarioContext,
  { system }: ScenarioFleet,
  streams: readonly Stream[],
): readonly OpenLoop[] {
  return streams.map((stream) => new OpenLoop(stream, { flights: system.flights, signal }));
}

/** Offers the streams at once, waits for their answers, and tells what became of each. */
export async function offered(
  context: ScenarioContext,
  fleet: ScenarioFleet,
  streams: readonly Stream[],
  forMs: number,
): Promise<readonly Tally[]> {
  const loops = loopsOf(context, fleet, streams);
  await offeredAndAnswered(loops, forMs);
  return loops.map(({ tally }) => tally);
}

/** Their tallies count what was offered before as well. */
export async function offeredAndAnswered(loops: readonly OpenLoop[], forMs: number): Promise<void> {
  await offerAll(loops, forMs);
  await answeredAll(loops);
}

export function answeredAll(loops: readonly OpenLoop[]): Promise<readonly boolean[]> {
  return Promise.all(loops.map((loop) => loop.answered(answeredMsMax)));
}

/** Milliseconds until the check holds; NaN when it does not within the time, so that no aim is met by it. */
export async function untilHolds(
  check: () => boolean | Promise<boolean>,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<number> {
  const beganAtMs = performance.now();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a bounded wait
    if (await check()) return performance.now() - beganAtMs;
    if (performance.now() - beganAtMs > withinMs) return Number.NaN;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(pollMs, undefined, { signal });
  }
}

/** How many processes of the fleet ended or came anew since then. */
export function restartedSince(before: Readonly<Record<string, number>>, { system }: ScenarioFleet): number {
  const after = groupsOf(system);
  return Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]).length;
}

/** Without Kafka and Postgres, whose memory has bounds of its own. */
export function servicesOf({ system }: ScenarioFleet): ProcessGroups {
  const { kafka: _kafka, postgres: _postgres, ...services } = groupsOf(system);
  return services;
}

export const servicesMb = (fleet: ScenarioFleet): number => readMemoryMb(servicesOf(fleet));
