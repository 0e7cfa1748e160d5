/**
 * Ours beside the peers: each of our figures divided by the peer's of the same run. Above 1 is better for sessions per
 * second, below 1 for all others. What was not measured has no ratio.
 */
import { plans } from './plans.js';
import { aligned, rounded, stepCosts, type BenchRun, type PeerRatio } from './report.js';
import { isPeer, type SystemName } from './systems.js';

export function ratiosOf(runs: readonly BenchRun[]): readonly PeerRatio[] {
  const names = [...new Set(runs.map(({ system }) => system))];
  const measured = Object.values(plans).filter(({ name }) => runs.some(({ plan }) => plan === name));
  const pairs = names
    .filter((name) => !isPeer(name))
    .flatMap((system) => names.filter(isPeer).map((peer) => ({ system, peer })));
  return measured.flatMap(({ name: plan }) => pairs.map(({ system, peer }) => ratioOf(runs, { system, peer, plan })));
}

type Pair = Pick<PeerRatio, 'system' | 'peer' | 'plan'>;
type Figure = (system: SystemName) => number | undefined;

function ratioOf(runs: readonly BenchRun[], pair: Pair): PeerRatio {
  const ofPlan = runs.filter(({ plan }) => plan === pair.plan);
  const widest = Math.max(...ofPlan.map(({ concurrency }) => concurrency));
  const at = (width: number, figure: 'sessionsPerS' | 'p50Ms' | 'p99Ms' | 'cpuSPer1000'): Figure => {
    return (system) => ofPlan.find((run) => run.system === system && run.concurrency === width)?.[figure];
  };
  const steps = stepCosts(runs);
  const stepCost: Figure = (system) =>
    steps.find((each) => each.system === system && each.concurrency === widest)?.longToShort;
  const figures = {
    sessionsPerS: at(widest, 'sessionsPerS'),
    p50At1: at(1, 'p50Ms'),
    p99At32: at(32, 'p99Ms'),
    cpuSPer1000: at(widest, 'cpuSPer1000'),
    ...(pair.plan === 'long' ? { longToShort: stepCost } : {}),
  };
  const ratios = Object.entries(figures).flatMap(([name, figure]) => {
    const [ours, theirs] = [figure(pair.system), figure(pair.peer)];
    // A window too short for a figure to be seen measures it as 0.
    return ours === undefined || theirs === undefined || theirs === 0 ? [] : [[name, rounded(ours / theirs, 2)]];
  });
  return { ...pair, concurrency: widest, ...(Object.fromEntries(ratios) as Partial<PeerRatio>) };
}

const columns: readonly (readonly [string, (ratio: PeerRatio) => string | number | undefined])[] = [
  ['ours', ({ system }) => system],
  ['to', ({ peer }) => peer],
  ['plan', ({ plan }) => plan],
  ['at once', ({ concurrency }) => concurrency],
  ['sessions/s', ({ sessionsPerS }) => sessionsPerS],
  ['p50 at 1', ({ p50At1 }) => p50At1],
  ['p99 at 32', ({ p99At32 }) => p99At32],
  ['CPU s/1000', ({ cpuSPer1000 }) => cpuSPer1000],
  ['CPU/step long:short', ({ longToShort }) => longToShort],
];
const textColumns = 3;

/** A figure that was not measured is a dash. */
export function ratioTableOf(ratios: readonly PeerRatio[]): readonly string[] {
  const rows = ratios.map((ratio) => columns.map(([, cell]) => String(cell(ratio) ?? '–')));
  return aligned([columns.map(([title]) => title), ...rows], textColumns);
}
