/** Several passes told as one: of each figure its median over the passes, which is a value that was measured. */
import { percentilesOf } from './percentiles.js';
import type { BenchRun, PeerRatio } from './report.js';

/** The heading of what has its turn in every pass. */
export function passTitle(title: string, pass: number, passes: number): string {
  return passes === 1 ? title : `${title}, pass ${pass} of ${passes}`;
}

/** Runs of one system, plan and concurrency become one; they come in the order of the first pass that has them. */
export function medianRuns(passes: readonly (readonly BenchRun[])[]): readonly BenchRun[] {
  const same = Map.groupBy(passes.flat(), ({ system, plan, concurrency }) => `${system} ${plan} ${concurrency}`);
  return [...same.values()].map((runs) => {
    const median = medianOf(runs);
    // The rows of a budget belong together: they are those of the pass whose throughput is the median.
    const { budget } = runs.find(({ sessionsPerS }) => sessionsPerS === median.sessionsPerS) ?? median;
    return { ...median, budget };
  });
}

/** Each pass is compared within itself first: within one, a drift of the machine's speed has hit both nearly alike. */
export function medianRatios(passes: readonly (readonly PeerRatio[])[]): readonly PeerRatio[] {
  const same = Map.groupBy(passes.flat(), ({ system, peer, plan }) => `${system} ${peer} ${plan}`);
  return [...same.values()].map(medianOf);
}

/** Texts are the same in all of them; figures and tables of figures are taken one by one, lists as the first has them. */
function medianOf<Figures extends object>(all: readonly Figures[]): Figures {
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))];
  const entries = names.map((name) => {
    const values = all.map((each): unknown => each[name as keyof Figures]).filter((value) => value !== undefined);
    if (values.every((value) => typeof value === 'number')) return [name, percentilesOf(values, [50])[0]];
    const areTables = values.every((value) => typeof value === 'object' && !Array.isArray(value));
    return [name, areTables ? medianOf(values as object[]) : values[0]];
  });
  return Object.fromEntries(entries) as Figures;
}
