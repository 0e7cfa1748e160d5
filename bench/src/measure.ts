/**
 * One measured window: the loop runs until it is steady, then what is done within the window counts, and what the processes
 * spend within it is divided by that.
 */
import { broken } from '@toolfleet/kernel';
import { budgetOf, readBudget } from './budget.js';
import { MemoryPeak, meterCpu, type CpuSeconds, type ProcessGroups } from './cpu.js';
import { ClosedLoop } from './load.js';
import { percentilesOf } from './percentiles.js';
import type { Plan } from './plans.js';
import { rounded, type BenchRun } from './report.js';
import type { RunningSystem } from './systems.js';

export interface Bench {
  readonly system: RunningSystem;
  readonly stubsPid: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

const rampMsMin = 3_000;
/** What two cores do: the slots begin over the time that a session of theirs then takes, see `LoopOptions.rampMs`. */
const stepsPerMs = 1.5;

const rampMsOf = (plan: Plan, concurrency: number): number =>
  concurrency === 1 ? 0 : Math.max(rampMsMin, (concurrency * plan.steps) / stepsPerMs);

const progressEveryMs = 500;
/** What a window that is too short is drawn out by, and where that ends: 256 long sessions at one a second take 256 s. */
const extensionMs = 500;
const windowMaxMs = 300_000;

/** Load before anything is measured: compilers, connections and caches of a cold fleet cost five times as much. */
export async function warmUp(bench: Bench, plan: Plan, concurrency: number, forMs: number): Promise<void> {
  const loop = new ClosedLoop({
    ...bench,
    load: bench.system.load,
    plan,
    concurrency,
    rampMs: Math.min(rampMsOf(plan, concurrency), forMs),
  });
  await showing(bench, loop, `${bench.system.name}: warming up with ${plan.name} sessions`, () => loop.run(forMs));
  await loop.stop();
}

export async function measure(bench: Bench, plan: Plan, concurrency: number, forMs: number): Promise<BenchRun> {
  const title = `${bench.system.name}: ${plan.name} at ${concurrency}`;
  const loop = new ClosedLoop({
    ...bench,
    load: bench.system.load,
    plan,
    concurrency,
    rampMs: rampMsOf(plan, concurrency),
  });
  await showing(bench, loop, `${title}, coming into step`, () => loop.steady());
  const groups = groupsOf(bench.system);
  const memory = new MemoryPeak(groups);
  const budgetBefore = await readBudget(bench.system.processes());
  const cpuSpent = meterCpu({ ...groups, stubs: bench.stubsPid });
  loop.take();
  const beganAtMs = performance.now();
  await showing(bench, loop, title, () => runWindow(loop, concurrency, forMs));
  const { tookMs, sessions } = loop.take();
  const seconds = (performance.now() - beganAtMs) / 1_000;
  const cpu = cpuSpent();
  const budgetAfter = await readBudget(bench.system.processes());
  const peakRssMb = memory.stop();
  requireSame(groups, groupsOf(bench.system));
  await loop.stop();
  if (tookMs.length === 0) throw broken('WINDOW_EMPTY', `No session ended within ${rounded(seconds, 1)} s.`);
  return {
    system: bench.system.name,
    plan: plan.name,
    concurrency,
    ...figuresOf({ tookMs, sessions, seconds, cpu, peakRssMb }),
    budget: budgetOf(budgetBefore, budgetAfter, sessions),
  };
}

/**
 * At least until as many sessions have ended as there are slots: of sessions that take longer than the window and go in
 * waves it would catch a whole wave or none.
 */
async function runWindow(loop: ClosedLoop, concurrency: number, forMs: number): Promise<void> {
  await loop.run(forMs);
  for (let ms = forMs; loop.ended < concurrency && ms < windowMaxMs; ms += extensionMs) {
    // oxlint-disable-next-line no-await-in-loop
    await loop.run(extensionMs);
  }
}

interface Readings {
  readonly tookMs: readonly number[];
  readonly sessions: number;
  readonly seconds: number;
  readonly cpu: CpuSeconds;
  readonly peakRssMb: number;
}

function figuresOf({
  tookMs,
  sessions,
  seconds,
  cpu,
  peakRssMb,
}: Readings): Omit<BenchRun, 'system' | 'plan' | 'concurrency' | 'budget'> {
  const per1000 = (spent: number): number => rounded((spent * 1_000) / sessions, 3);
  const { stubs = 0, load = 0, ...fleet } = cpu;
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = percentilesOf(tookMs, [50, 95, 99]).map((ms) => rounded(ms, 1));
  return {
    sessionsPerS: rounded(sessions / seconds, 1),
    ...{ p50Ms, p95Ms, p99Ms },
    cpuSPer1000: per1000(Object.values(fleet).reduce((sum, spent) => sum + spent, 0)),
    peakRssMb: Math.round(peakRssMb),
    ...{ sessions: rounded(sessions, 1), seconds: rounded(seconds, 2) },
    cpuSPer1000ByProcess: Object.fromEntries(Object.entries(fleet).map(([name, spent]) => [name, per1000(spent)])),
    cpuSPer1000OfLoad: per1000(load),
    cpuSPer1000OfStubs: per1000(stubs),
  };
}

export function groupsOf(system: RunningSystem): ProcessGroups {
  return Object.fromEntries(system.processes().map(({ name, pid }) => [name, pid]));
}

/** A service that was restarted within the window took its CPU time with it. */
function requireSame(before: ProcessGroups, after: ProcessGroups): void {
  const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  if (changed.length === 0) return;
  throw broken('PROCESS_RESTARTED', `Restarted while it was measured: ${changed.join(', ')}.`);
}

async function showing(bench: Bench, loop: ClosedLoop, title: string, work: () => Promise<void>): Promise<void> {
  const beganAtMs = performance.now();
  const timer = setInterval(() => {
    const seconds = (performance.now() - beganAtMs) / 1_000;
    bench.onProgress(`${title}: ${seconds.toFixed(0)} s, ${loop.ended} sessions`);
  }, progressEveryMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
