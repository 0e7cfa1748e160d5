/**
 * Searches the cheapest fleet that meets the SLO: coarse over how full cores may be, then number by number downwards until
 * the next smaller one fails. Every number keeps the measurement that fixed it. The same file and seed search the same way.
 */
import type { CapacityReport, SloCheck } from './capacity-report.js';
import { simulateFleet } from './capacity-report.js';
import type { FleetLoad } from './paper-plan.js';
import { costOf, loadOf, planOnPaper } from './paper-plan.js';
import type { Reach } from './tenant-reach.js';
import { reachOfTwoStorms } from './tenant-reach.js';
import type { FleetPlan, Traffic } from './traffic.js';
import { orchestratorRole } from './traffic.js';

export interface ProposedNumber {
  /** `partitions`, `span`, or a path as in the file: `classes.read.replicas`. */
  readonly name: string;
  readonly value: number;
  readonly reason: string;
}

export interface Proposal {
  readonly plan: FleetPlan;
  readonly met: boolean;
  /** What keeps the plan from the SLO, in words. */
  readonly flaw?: string;
  /** Cores paid for: replicas × CPU. */
  readonly costCores: number;
  readonly simulations: number;
  readonly numbers: readonly ProposedNumber[];
  readonly report: CapacityReport;
}

export interface ProposeOptions {
  readonly simulationsMax: number;
  readonly onSimulated?: (count: number, words: string) => void;
}

/** Two storms at once may enclose this share of tenants: one in a hundred. */
const enclosedMax = 0.01;
/** Fullest first: the first that meets the SLO is the cheapest of them. */
const utilisations = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

type Knob = 'replicas' | 'concurrency' | 'modelConcurrency';

export function propose(traffic: Traffic, options: ProposeOptions): Proposal {
  return new Search(traffic, options).run();
}

class Search {
  readonly #load: FleetLoad;
  readonly #numbers: ProposedNumber[] = [];
  readonly #reachesAt = new Map<number, readonly Reach[]>();
  #simulations = 0;

  constructor(
    private readonly traffic: Traffic,
    private readonly options: ProposeOptions,
  ) {
    this.#load = loadOf(traffic);
  }

  run(): Proposal {
    const coarse = this.#coarse();
    const placed = coarse.flaw === undefined ? this.#fine(coarse.plan) : coarse.plan;
    const plan = this.#withSpare(placed);
    this.#numbers.unshift(
      { name: 'partitions', value: plan.partitions, reason: this.#reasonOfPartitions(plan) },
      { name: 'span', value: plan.span, reason: this.#reasonOfSpan(plan) },
    );
    const report = this.#simulate(plan, 'the proposal');
    const flaw = flawIn(report);
    return {
      plan,
      met: flaw === undefined,
      ...(flaw === undefined ? {} : { flaw }),
      costCores: costOf(plan),
      simulations: this.#simulations,
      numbers: this.#numbers,
      report,
    };
  }

  get #isSpent(): boolean {
    // One is kept for the proposal itself.
    return this.#simulations >= this.options.simulationsMax - 1;
  }

  #simulate(fleet: FleetPlan, words: string): CapacityReport {
    const report = simulateFleet({ ...this.traffic, fleet });
    this.#simulations++;
    this.options.onSimulated?.(this.#simulations, words);
    return report;
  }

  /** What is wrong with the plan, in words; undefined when nothing is. */
  #flawOf(fleet: FleetPlan, words: string): string | undefined {
    return flawIn(this.#simulate(fleet, words));
  }

  /** The fullest cores that still meet the SLO; without any, the emptiest that were tried. */
  #coarse(): { readonly plan: FleetPlan; readonly flaw: string | undefined } {
    let plan = this.#placed(planOnPaper(this.traffic, this.#load, utilisations[0]!));
    let flaw: string | undefined = 'nothing was tried';
    for (const utilisation of utilisations) {
      if (this.#isSpent || flaw === undefined) break;
      plan = this.#placed(planOnPaper(this.traffic, this.#load, utilisation));
      flaw = this.#flawOf(plan, `cores ${utilisation * 100} % full`);
    }
    return { plan, flaw };
  }

  #reaches(partitions: number): readonly Reach[] {
    let reaches = this.#reachesAt.get(partitions);
    if (!reaches) {
      const names = this.traffic.tenants.map(({ name }) => name);
      this.#reachesAt.set(partitions, (reaches = reachOfTwoStorms(names, partitions, this.traffic.seed)));
    }
    return reaches;
  }

  /** With the fewest partitions, and on them the narrowest span, that two storms do not enclose. */
  #placed(plan: FleetPlan): FleetPlan {
    for (let { partitions } = plan; ; partitions *= 2) {
      const least = this.#reaches(partitions).find(({ enclosed }) => enclosed <= enclosedMax);
      if (least) return { ...plan, partitions, span: least.span };
    }
  }

  #reasonOfPartitions(plan: FleetPlan): string {
    const half = plan.partitions / 2;
    const largest = Math.max(...rolesOf(plan).map((role) => poolOf(plan, role).replicas));
    const best = Math.min(...this.#reaches(half).map(({ enclosed }) => enclosed));
    if (best > enclosedMax) return `at ${half} two storms enclose ${percent(best)} of tenants, whatever the span`;
    return `the largest role has ${largest} replicas, and one without a partition stands idle`;
  }

  #reasonOfSpan({ partitions, span }: FleetPlan): string {
    const reaches = this.#reaches(partitions);
    const [here, below, above] = [reaches[span - 1]!, reaches[span - 2], reaches[span]];
    const enclosed = ({ span: at, enclosed: part }: Reach) => `at ${at} two storms enclose ${percent(part)} of tenants`;
    const touched = `and touch ${percent(here.touched)}`;
    const words = [...(below ? [enclosed(below)] : []), `${enclosed(here)} ${touched}`];
    if (above) words.push(`at ${above.span} they would touch ${percent(above.touched)}`);
    return words.join(', ');
  }

  /** Dearest role first, so that a spent budget leaves the cheap ones unsearched. */
  #fine(coarse: FleetPlan): FleetPlan {
    let plan = coarse;
    const dearest = rolesOf(plan).toSorted((a, b) => costIn(plan, b) - costIn(plan, a));
    for (const role of dearest) plan = this.#descend(plan, role, 'replicas', (value) => value - 1);
    // An inbox record holds its slot for CPU only, as simulated, so the simulation cannot say how few slots would do.
    for (const role of dearest.filter((each) => each !== orchestratorRole)) {
      plan = this.#descend(plan, role, 'concurrency', (value) => value >> 1);
    }
    return this.#descend(plan, orchestratorRole, 'modelConcurrency', (value) => value >> 1);
  }

  #descend(from: FleetPlan, role: string, knob: Knob, lower: (value: number) => number): FleetPlan {
    const name = nameOf(role, knob);
    let plan = from;
    for (;;) {
      const value = valueOf(plan, role, knob);
      const next = lower(value);
      const keep = (reason: string) => void this.#numbers.push({ name, value, reason });
      if (next < 1) keep('the least there is');
      else if (this.#isSpent) keep(`${next} was not tried: the simulations are spent`);
      else {
        const tried = withValue(plan, role, knob, next);
        const flaw = this.#flawOf(tried, `${name} ${next}`);
        if (flaw === undefined) {
          plan = tried;
          continue;
        }
        keep(`at ${next} ${flaw}`);
      }
      return plan;
    }
  }

  /** One replica more than needed of every role whose loss the file does not ask about. */
  #withSpare(plan: FleetPlan): FleetPlan {
    const asked = this.traffic.faults.map((fault) => (fault.kind === 'replica' ? fault.role : ''));
    let spared = plan;
    for (const role of rolesOf(plan)) {
      const name = nameOf(role, 'replicas');
      const at = this.#numbers.findIndex((number) => number.name === name);
      const found = this.#numbers[at] ?? { name, value: valueOf(plan, role, 'replicas'), reason: 'by load, on paper' };
      const isAsked = asked.includes(role);
      const number = isAsked ? found : { name, value: found.value + 1, reason: `${found.reason}; and one to lose` };
      spared = withValue(spared, role, 'replicas', number.value);
      if (at < 0) this.#numbers.push(number);
      else this.#numbers[at] = number;
    }
    return spared;
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;

const meaningOf: Record<SloCheck['name'], (value: number) => string> = {
  waitP99Ms: (value) => `the p99 wait of quiet tenants is ${Math.round(value)} ms`,
  refusedMax: (value) => `${percent(value)} of quiet tenants' sessions are refused`,
  expiredMax: (value) => `${percent(value)} of quiet tenants' calls find no executor in time`,
  recoveryMsMax: (value) => `queues are older for ${(value / 1_000).toFixed(0)} s after a loss`,
};

function flawIn(report: CapacityReport): string | undefined {
  const failed = report.slo.find(({ met }) => !met);
  if (!failed) return undefined;
  const limit =
    failed.name === 'waitP99Ms' || failed.name === 'recoveryMsMax' ? `${failed.limit} ms` : percent(failed.limit);
  return `${meaningOf[failed.name](failed.measured)}, above ${limit}`;
}

const rolesOf = (plan: FleetPlan): string[] => [orchestratorRole, ...Object.keys(plan.classes)];
const poolOf = (plan: FleetPlan, role: string) => (role === orchestratorRole ? plan.orchestrator : plan.classes[role]!);
const costIn = (plan: FleetPlan, role: string): number => poolOf(plan, role).replicas * poolOf(plan, role).cpu;
const nameOf = (role: string, knob: Knob): string =>
  role === orchestratorRole ? `orchestrator.${knob}` : `classes.${role}.${knob}`;

function valueOf(plan: FleetPlan, role: string, knob: Knob): number {
  return knob === 'modelConcurrency' ? plan.orchestrator.modelConcurrency : poolOf(plan, role)[knob];
}

function withValue(plan: FleetPlan, role: string, knob: Knob, value: number): FleetPlan {
  if (role === orchestratorRole) return { ...plan, orchestrator: { ...plan.orchestrator, [knob]: value } };
  return { ...plan, classes: { ...plan.classes, [role]: { ...plan.classes[role]!, [knob]: value } } };
}
