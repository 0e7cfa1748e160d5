/** What a scenario is held to. An aim that could not be measured is missed: a scenario that saw nothing proves nothing. */
import { rounded } from '../report.js';

export interface Aim {
  /** As a sentence, bound included. */
  readonly aim: string;
  readonly measured: number;
  readonly met: boolean;
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
export type ScenarioLine = Aim & { readonly scenario: string };

export function atMost(what: string, measured: number, most: number, unit = ''): Aim {
  return { aim: `${what} at most ${withUnit(most, unit)}`, measured, met: measured <= most };
}

export function atLeast(what: string, measured: number, least: number, unit = ''): Aim {
  return { aim: `${what} at least ${withUnit(least, unit)}`, measured, met: measured >= least };
}

export function none(what: string, measured: number): Aim {
  return { aim: `no ${what}`, measured, met: measured === 0 };
}

const withUnit = (value: number, unit: string): string => (unit === '' ? String(value) : `${value} ${unit}`);

/** NaN when there is nothing to divide by, which meets no aim. */
export function quotient(dividend: number, divisor: number): number {
  return divisor === 0 ? Number.NaN : rounded(dividend / divisor, 3);
}

export function resultOf(name: string, figures: Figures, aims: readonly Aim[]): ScenarioResult {
  return { name, figures, aims, met: aims.length > 0 && aims.every(({ met }) => met) };
}

export function linesOf(results: readonly ScenarioResult[]): readonly ScenarioLine[] {
  return results.flatMap(({ name, aims }) => aims.map((aim) => ({ scenario: name, ...aim })));
}
