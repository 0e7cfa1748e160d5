/**
 * `npm run bench`: the fleet on this machine, once for each way of running, and peers beside it when they are asked for,
 * under a closed loop of sessions. Exits 0 only when every session of every run did all of its plan.
 */
import { writeFile } from 'node:fs/promises';
import { invalid } from '@toolfleet/kernel';
import { budgetLine, budgetTable } from './budget.js';
import { requireProc } from './cpu.js';
import { measure, warmUp, type Bench } from './measure.js';
import { medianRatios, medianRuns, passTitle } from './medians.js';
import { benchOptionsOf, usage, type BenchOptions } from './options.js';
import { installPeers, startPeer } from './peer-system.js';
import { plans } from './plans.js';
import { drawProfiles } from './profiles.js';
import { ratiosOf, ratioTableOf } from './ratios.js';
import { machineFacts, processesLine, stepCosts, tableOf, type BenchReport, type BenchRun } from './report.js';
import { runSystem } from './run-system.js';
import { linesOf } from './scenarios/aims.js';
import { runScenarios, scenarioTableOf } from './scenarios/run-scenarios.js';
import { Screen, tellFailure } from '@toolfleet/fleetctl/local';
import { startStubs, type RunningStubs } from './stubs.js';
import { wayTitles, type RunningSystem, type StartContext } from './systems.js';
import { startToolfleet } from './toolfleet-system.js';

const screen = new Screen(process.stdout);
try {
  const options = benchOptionsOf(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  tellFailure(screen, 'bench', error);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  requireProc();
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(invalid('INTERRUPTED', 'Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  const { signal } = interrupted;
  if (options.peers.length > 0) await installPeers((text) => screen.say(text), signal);
  const startedAt = new Date().toISOString();
  if (options.scenarios.length > 0) return press(options, signal, startedAt);
  const stubs = await startStubs(signal);
  const passes: BenchRun[][] = [];
  try {
    for (let pass = 1; pass <= options.passes; pass += 1) {
      const runs: BenchRun[] = [];
      passes.push(runs);
      for (const turn of turnsOf(options, pass)) {
        const title = passTitle(turn.title, pass, options.passes);
        // One system at a time has the machine to itself, and each has it in every pass.
        // oxlint-disable-next-line no-await-in-loop
        await benchSystem({ ...turn, title }, { options, stubs, signal, onRun: (run) => runs.push(run) });
      }
    }
  } finally {
    await stubs.stop();
  }
  const runs = medianRuns(passes);
  const ratios = medianRatios(passes.map(ratiosOf));
  const report = { runs, passes, ratios, cpuPerStep: stepCosts(runs), machine: machineFacts(), startedAt };
  show(report);
  if (options.profileDirectory !== undefined) {
    const pictures = await drawProfiles(options.profileDirectory, options.warmSeconds * 1_000);
    for (const path of pictures) screen.note(`flame graph: ${path}`);
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** Pressure instead of the plans: the run ends well when every aim is met. */
async function press(options: BenchOptions, signal: AbortSignal, startedAt: string): Promise<void> {
  const stubs = await startStubs(signal);
  const { warmSeconds, cancels, profileDirectory, seconds, passes } = options;
  const chosen = { names: options.scenarios, way: options.ways[0] ?? 'default', seconds, warmSeconds, cancels, passes };
  try {
    const results = await runScenarios({ ...chosen, profileDirectory }, { ...options, screen, stubs, signal });
    screen.say('');
    for (const line of scenarioTableOf(results)) screen.say(line);
    const figures = Object.fromEntries(results.map((result) => [result.name, result.figures]));
    const report = { scenarios: linesOf(results), figures, seconds, machine: machineFacts(), startedAt };
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    if (results.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    await stubs.stop();
  }
}

interface Turn {
  readonly title: string;
  readonly start: (context: StartContext) => Promise<RunningSystem>;
}

/** Who was first in one pass is last in the next, so that a steady drift of the machine's speed favours nobody. */
function turnsOf(options: BenchOptions, pass: number): readonly Turn[] {
  const ways = options.ways.map((way) => ({
    title: wayTitles[way],
    start: (context: StartContext) => startToolfleet(way, options, context),
  }));
  const peers = options.peers.map((peer) => ({
    title: `Peer: ${peer}`,
    start: (context: StartContext) => startPeer(peer, context),
  }));
  const turns = [...ways, ...peers];
  return pass % 2 === 1 ? turns : turns.toReversed();
}

interface RunContext {
  readonly options: BenchOptions;
  readonly stubs: RunningStubs;
  readonly signal: AbortSignal;
  readonly onRun: (run: BenchRun) => void;
}

async function benchSystem({ title, start }: Turn, { options, stubs, signal, onRun }: RunContext): Promise<void> {
  screen.heading(title);
  const onProgress = (text: string): void => screen.progress(text);
  const work = (system: RunningSystem): Promise<void> =>
    runAll({ system, stubsPid: stubs.pid, signal, onProgress }, options, onRun);
  await runSystem({ start, work }, { ...options, screen, stubs, signal });
}

async function runAll(bench: Bench, options: BenchOptions, onRun: (run: BenchRun) => void): Promise<void> {
  const { concurrency, seconds, warmSeconds } = options;
  const widest = Math.max(...concurrency);
  const chosen = options.plans.map((name) => plans[name]);
  for (const plan of chosen) {
    // Windows follow one another: two at once would measure each other.
    // oxlint-disable-next-line no-await-in-loop
    await warmUp(bench, plan, widest, (warmSeconds * 1_000) / chosen.length);
  }
  // What is compared is measured one right after the other: what a step costs in the plans, at one width.
  for (const width of concurrency) {
    for (const plan of chosen) {
      // oxlint-disable-next-line no-await-in-loop
      const run = await measure(bench, plan, width, seconds * 1_000);
      onRun(run);
      screen.say(`${plan.name} at ${width}: ${run.sessionsPerS} sessions/s, p50 ${run.p50Ms} ms, p99 ${run.p99Ms} ms`);
      screen.note(`  CPU s per 1,000 sessions: ${run.cpuSPer1000} (${processesLine(run)})`);
      // Peers have no histograms of ours.
      if (run.budget.length > 0) screen.note(`  ms a session: ${budgetLine(run.budget)}`);
      if (options.budget) for (const line of budgetTable(run.budget)) screen.note(line);
    }
  }
}

function show({ runs, cpuPerStep, ratios }: BenchReport): void {
  screen.say('');
  for (const line of tableOf(runs)) screen.say(line);
  screen.say('');
  for (const { system, concurrency, longToShort } of cpuPerStep) {
    screen.say(
      `${system} at ${concurrency}: a step of a long session costs ${longToShort} times the CPU of a short one's`,
    );
  }
  if (ratios.length === 0) return;
  screen.say('');
  screen.say("Ours to the peer's: above 1 is better for sessions/s, below 1 for all others");
  for (const line of ratioTableOf(ratios)) screen.say(line);
}
