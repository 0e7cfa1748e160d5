/** One system at a time has the machine to itself: started in an empty folder, worked with, and ended whatever happened. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chainOf } from '@toolfleet/kernel';
import { RecentLines } from '@toolfleet/fleetctl/local';
import type { Screen } from '@toolfleet/fleetctl/local';
import type { RunningStubs } from './stubs.js';
import type { RunningSystem, StartContext } from './systems.js';

/** Beside what `fleetctl up` uses; each system begins with an empty one. */
const stateDirectory = fileURLToPath(new URL('../../.toolfleet', import.meta.url));

export interface SystemRun<System extends RunningSystem> {
  readonly start: (context: StartContext) => Promise<System>;
  readonly work: (system: System) => Promise<void>;
}

export interface RunSurroundings {
  readonly screen: Screen;
  readonly stubs: RunningStubs;
  readonly signal: AbortSignal;
  /** The system's own log lines are shown as they come. */
  readonly verbose: boolean;
  readonly modelUrl?: string | undefined;
}

export async function runSystem<System extends RunningSystem>(
  { start, work }: SystemRun<System>,
  { screen, stubs, signal, verbose, modelUrl }: RunSurroundings,
): Promise<void> {
  const recent = new RecentLines(screen, verbose);
  await mkdir(stateDirectory, { recursive: true });
  const directory = await mkdtemp(join(stateDirectory, 'bench-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const system = await start({
      ...{ directory, signal, toolsUrl: stubs.toolsUrl, modelUrl: modelUrl ?? stubs.modelUrl },
      log: (line) => recent.add(line),
      undo: (step) => void undo.push(step),
    });
    await work(system);
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
