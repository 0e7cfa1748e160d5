/** Runs scenarios one after another, each on a fleet of its own, and tells what they measured. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainOf, isFault } from '@toolfleet/kernel';
import type { Bench } from '../measure.js';
import { passTitle } from '../medians.js';
import { aligned, rounded } from '../report.js';
import { runSystem, type RunSurroundings } from '../run-system.js';
import type { Load } from '../load.js';
import type { Way } from '../systems.js';
import { startToolfleet, type ToolfleetSystem } from '../toolfleet-system.js';
import { linesOf, resultOf, resultOfPasses, type Figures, type ScenarioResult } from './aims.js';
import { writeCatalog, type ScenarioCatalog } from './catalog.js';
import type { ScenarioContext, ScenarioFleet } from './scenario.js';
import type { ScenarioName } from './scenario-names.js';
import { scenarios } from './scenarios.js';

export interface ScenarioOptions {
  readonly names: readonly ScenarioName[];
  readonly way: Way;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly cancels: number;
  readonly passes: number;
  readonly profileDirectory?: string | undefined;
}

/** A scenario that cannot come to its end is missed, and the others still run; an interruption ends all. */
export async function runScenarios(
  options: ScenarioOptions,
  surroundings: RunSurroundings,
): Promise<readonly ScenarioResult[]> {
  const passes: ScenarioResult[] = [];
  for (let pass = 1; pass <= options.passes; pass += 1) {
    for (const name of options.names) {
      surroundings.screen.heading(passTitle(name, pass, options.passes));
      // oxlint-disable-next-line no-await-in-loop -- two at once would measure each other
      passes.push(await runToEnd(name, options, surroundings));
    }
  }
  return [...Map.groupBy(passes, ({ name }) => name).values()].map(resultOfPasses);
}

async function runToEnd(
  name: ScenarioName,
  options: ScenarioOptions,
  surroundings: RunSurroundings,
): Promise<ScenarioResult> {
  const { screen, signal } = surroundings;
  const result = await runScenario(name, options, surroundings).catch((error: unknown) => {
    if (signal.aborted) throw error;
    const problem = isFault(error) ? `${error.message} (${error.reason})` : chainOf(error).join(' <- ');
    return resultOf(name, { problem }, [{ aim: 'comes to its end', measured: Number.NaN, met: false }]);
  });
  for (const line of figureLines(result.figures)) screen.note(`  ${line}`);
  for (const line of aimLines(result)) screen.say(`  ${line}`);
  return result;
}

async function runScenario(
  name: ScenarioName,
  options: ScenarioOptions,
  surroundings: RunSurroundings,
): Promise<ScenarioResult> {
  const { stubs, signal, screen } = surroundings;
  const { seconds, warmSeconds, cancels } = options;
  const context: ScenarioContext = {
    ...{ name, seconds, warmSeconds, cancels, stubs, signal },
    onProgress: (text) => screen.progress(text),
    withFleet: (catalog, work, env) => withFleet(catalog, work, { options, surroundings, env }),
  };
  // Scenarios share the names of their targets: one must not meet the trouble of the one before.
  return scenarios[name](context).finally(() => stubs.calm());
}

interface Running {
  readonly options: ScenarioOptions;
  readonly surroundings: RunSurroundings;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

async function withFleet<T>(
  catalog: ScenarioCatalog,
  work: (fleet: ScenarioFleet) => Promise<T>,
  { options, surroundings, env }: Running,
): Promise<T> {
  const catalogDirectory = await mkdtemp(join(tmpdir(), 'toolfleet-scenario-'));
  const done: T[] = [];
  try {
    await writeCatalog(catalogDirectory, catalog);
    const { profileDirectory } = options;
    await runSystem(
      {
        start: (context) => startToolfleet(options.way, { catalogDirectory, profileDirectory, env }, context),
        work: async (system) => {
          done.push(await work({ system, catalogDirectory, benchOf: (load) => benchOf(system, load, surroundings) }));
        },
      },
      surroundings,
    );
  } finally {
    await rm(catalogDirectory, { recursive: true, force: true });
  }
  return done[0] as T;
}

function benchOf(system: ToolfleetSystem, load: Load, { stubs, signal, screen }: RunSurroundings): Bench {
  return {
    system: { name: system.name, load, processes: () => system.processes() },
    ...{ stubsPid: stubs.pid, signal, onProgress: (text: string) => screen.progress(text) },
  };
}

const verdict = (met: boolean): string => (met ? 'met' : 'MISSED');
const shown = (value: number): string => (Number.isNaN(value) ? 'not seen' : String(rounded(value, 3)));

/** Aims with what was measured for each. */
export function aimLines({ aims }: ScenarioResult): readonly string[] {
  return aligned(
    aims.map(({ aim, measured, met }) => [aim, shown(measured), verdict(met)]),
    1,
  );
}

/** One line for each figure; a table of figures is one line, too. */
export function figureLines(figures: Figures): readonly string[] {
  return Object.entries(figures).map(([name, value]) => {
    if (typeof value !== 'object') return `${name} ${value}`;
    const parts = Object.entries(value).map(([part, figure]) => `${part} ${figure}`);
    return `${name}: ${parts.length === 0 ? 'none' : parts.join(', ')}`;
  });
}

/** One line for each scenario and aim, so that those that were missed are seen at once. */
export function scenarioTableOf(results: readonly ScenarioResult[]): readonly string[] {
  const rows = linesOf(results).map(({ scenario, aim, measured, met }) => [
    scenario,
    aim,
    shown(measured),
    verdict(met),
  ]);
  return aligned([['scenario', 'aim', 'measured', 'verdict'], ...rows], 2);
}
