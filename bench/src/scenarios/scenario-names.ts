/** What the command line may name; the scenarios themselves are loaded when they run. */
export const scenarioNames = [
  'neighbour-storm',
  'neighbour-hang',
  'neighbour-hang-wide',
  'neighbour-poison',
  'upstream-slow',
  'upstream-errors',
  'overload',
  'many-tools',
  'many-tenants',
  'many-waiting',
  'growth',
  'cancel',
  'governance',
] as const;

export type ScenarioName = (typeof scenarioNames)[number];
