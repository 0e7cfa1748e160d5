/**
 * `npm run bench`: the fleet on this machine, once for each way of running, under a closed loop of sessions. Exits 0 only
 * when every session of every run did all of its plan.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFleet } from '@toolfleet/fleetctl/local';
import { chainOf, faultOf, invalid } from '@toolfleet/kernel';
import { BenchBus } from './bench-bus.js';
import { budgetLine, budgetTable } from './budget.js';
import { requireProc } from './cpu.js';
import { Load } from './load.js';
import { measure, warmUp, type Bench } from './measure.js';
import { benchOptionsOf, usage, type BenchOptions, type Way } from './options.js';
import { plans } from './plans.js';
import { machineFacts, processesLine, stepCosts, tableOf, type BenchReport, type BenchRun } from './report.js';
import { RecentLines } from './recent-lines.js';
import { Screen } from './screen.js';
import { startStubs, type RunningStubs } from './stubs.js';

/** Beside what `fleetctl up` uses; each fleet begins with an empty Kafka and Postgres. */
const stateDirectory = fileURLToPath(new URL('../../.toolfleet', import.meta.url));

const screen = new Screen(process.stdout);
try {
  const options = benchOptionsOf(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await bench(options);
} catch (error) {
  const { kind, reason, message, hint } = faultOf(error);
  screen.problem(`bench: ${message} (${reason})${hint === undefined ? '' : `\n${hint}`}`);
  if (kind === 'broken') screen.problem(chainOf(error).join('\n  caused by '));
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  requireProc();
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(invalid('INTERRUPTED', 'Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  const startedAt = new Date().toISOString();
  const stubs = await startStubs(interrupted.signal);
  const runs: BenchRun[] = [];
  try {
    for (const way of options.ways) {
      // One fleet at a time has the machine to itself.
      // oxlint-disable-next-line no-await-in-loop
      await benchWay(way, { options, stubs, signal: interrupted.signal, onRun: (run) => runs.push(run) });
    }
  } finally {
    await stubs.stop();
  }
  const report = { runs, cpuPerStep: stepCosts(runs), machine: machineFacts(), startedAt };
  show(report);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

interface WayContext {
  readonly options: BenchOptions;
  readonly stubs: RunningStubs;
  readonly signal: AbortSignal;
  readonly onRun: (run: BenchRun) => void;
}

async function benchWay(way: Way, { options, stubs, signal, onRun }: WayContext): Promise<void> {
  const recent = new RecentLines(screen, options.verbose);
  await mkdir(stateDirectory, { recursive: true });
  const directory = await mkdtemp(join(stateDirectory, 'bench-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    screen.heading(way === 'split' ? 'Every service its own process' : 'Two processes');
    const fleet = await startFleet({
      directory,
      split: way === 'split',
      catalogDirectory: options.catalogDirectory,
      modelUrl: options.modelUrl ?? stubs.modelUrl,
      env: await environmentOf(way, options, stubs),
      log: (line) => recent.add(line),
      signal,
    });
    undo.push(() => fleet.stop());
    const bus = new BenchBus(fleet.brokers, (text) => recent.add({ source: 'bench', text }));
    undo.push(() => bus.close());
    const load = await Load.open(bus);
    undo.push(async () => load.close());
    const system = way === 'split' ? 'toolfleet-split' : 'toolfleet';
    const onProgress = (text: string): void => screen.progress(text);
    await runAll({ system, fleet, load, stubsPid: stubs.pid, signal, onProgress }, options, onRun);
  } catch (error) {
    recent.show();
    throw error;
  } finally {
    // A part that does not stop must not keep the others running.
    // oxlint-disable-next-line no-await-in-loop
    for (const step of undo.toReversed())
      await step().catch((error: unknown) => screen.problem(chainOf(error).join(' <- ')));
  }
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
  for (const plan of chosen) {
    for (const width of concurrency) {
      // oxlint-disable-next-line no-await-in-loop
      const run = await measure(bench, plan, width, seconds * 1_000);
      onRun(run);
      screen.say(`${plan.name} at ${width}: ${run.sessionsPerS} sessions/s, p50 ${run.p50Ms} ms, p99 ${run.p99Ms} ms`);
      screen.note(`  CPU s per 1,000 sessions: ${run.cpuSPer1000} (${processesLine(run)})`);
      screen.note(`  ms a session: ${budgetLine(run.budget)}`);
      if (options.budget) for (const line of budgetTable(run.budget)) screen.note(line);
    }
  }
}

async function environmentOf(way: Way, options: BenchOptions, stubs: RunningStubs): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    TOOLFLEET_TOOLS_URL: stubs.toolsUrl,
    TOOLFLEET_MODEL_API_KEY: process.env['TOOLFLEET_MODEL_API_KEY'] ?? 'none-needed',
  };
  if (options.profileDirectory === undefined) return env;
  const directory = join(options.profileDirectory, way);
  await mkdir(directory, { recursive: true });
  return { ...env, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${directory}` };
}

function show({ runs, cpuPerStep }: BenchReport): void {
  screen.say('');
  for (const line of tableOf(runs)) screen.say(line);
  screen.say('');
  for (const { system, concurrency, longToShort } of cpuPerStep) {
    screen.say(
      `${system} at ${concurrency}: a step of a long session costs ${longToShort} times the CPU of a short one's`,
    );
  }
}
