/** What a scenario is held to. An aim that could not be measured is missed: a scenario that saw nothing proves nothing. */
import { percentilesOf } from '../percentiles.js';
import { rounded } from '../report.js';

export interface Aim {
  /** As a sentence, bound included. */
  readonly aim: string;
  readonly measured: number;
  readonly met: boolean;
  /** Holds in every pass or not at all; of others the median counts. */
  readonly always?: true;
}

export type Figures = Readonly<Record<string, number | string | Readonly<Record<string, number>>>>;

export interface ScenarioResult {
  readonly name: string;
  /** What stands behind what the aims measure. */
  readonly figures: Figures;
  readonly aims: readonly Aim[];
  readonly met: boolean;
}

/** One line of a report: what a scenario measured for one of its aims, and whether that holds. */
export type ScenarioLine = Omit<Aim, 'always'> & { readonly scenario: string };

export function atMost(what: string, measured: number, most: number, unit = ''): Aim {
  return { aim: `${what} at most ${withUnit(most, unit)}`, measured, met: measured <= most };
}

export function atLeast(what: string, measured: number, least: number, unit = ''): Aim {
  return { aim: `${what} at least ${withUnit(least, unit)}`, measured, met: measured >= least };
}

export function none(what: string, measured: number): Aim {
  return { aim: `no ${what}`, measured, met: measured === 0, always: true };
}

const withUnit = (value: number, unit: string): string => (unit === '' ? String(value) : `${value} ${unit}`);

/** NaN when there is nothing to divide by, which meets no aim. */
export function quotient(dividend: number, divisor: number): number {
  return divisor === 0 ? Number.NaN : rounded(dividend / divisor, 3);
}

export function resultOf(name: string, figures: Figures, aims: readonly Aim[]): ScenarioResult {
  return { name, figures, aims, met: aims.length > 0 && aims.every(({ met }) => met) };
}

/**
 * Passes of one scenario told as one: of each aim the pass with the median, or the worst of what must hold in each. What one
 * pass did not see is missed. The figures are those of the pass that the first aim is told of.
 */
export function resultOfPasses(passes: readonly ScenarioResult[]): ScenarioResult {
  const [first] = passes;
  const names = new Set(passes.flatMap(({ aims }) => aims.map(({ aim }) => aim)));
  const told = Array.from(names, (name) => {
    const all = passes.map(({ aims }) => aims.find(({ aim }) => aim === name) ?? { ...notSeen, aim: name });
    return all.find(({ measured, always, met }) => Number.isNaN(measured) || (always && !met)) ?? medianOf(all);
  });
  const shown = passes.find(({ aims }) => aims.some((aim) => aim === told[0])) ?? first;
  return resultOf(first?.name ?? '', shown?.figures ?? {}, told);
}

const notSeen = { measured: Number.NaN, met: false };

function medianOf(aims: readonly Aim[]): Aim {
  const values = aims.map(({ measured }) => measured);
  return aims[values.indexOf(percentilesOf(values, [50])[0]!)]!;
}

export function linesOf(results: readonly ScenarioResult[]): readonly ScenarioLine[] {
  return results.flatMap(({ name, aims }) =>
    aims.map(({ aim, measured, met }) => ({ scenario: name, aim, measured, met })),
  );
}
