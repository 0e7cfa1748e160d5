/** The scenarios by name, in the order in which they run. */
import { cancel } from './cancel.js';
import { governance } from './governance.js';
import { growth } from './growth.js';
import { manyTenants, manyTools, manyWaiting } from './many.js';
import { neighbourHang, neighbourHangWide, neighbourPoison, neighbourStorm } from './neighbour.js';
import { overload } from './overload.js';
import type { Scenario } from './scenario.js';
import type { ScenarioName } from './scenario-names.js';
import { upstreamErrors, upstreamSlow } from './upstream.js';

export const scenarios = {
  'neighbour-storm': neighbourStorm,
  'neighbour-hang': neighbourHang,
  'neighbour-hang-wide': neighbourHangWide,
  'neighbour-poison': neighbourPoison,
  'upstream-slow': upstreamSlow,
  'upstream-errors': upstreamErrors,
  overload,
  'many-tools': manyTools,
  'many-tenants': manyTenants,
  'many-waiting': manyWaiting,
  growth,
  cancel,
  governance,
} as const satisfies Record<ScenarioName, Scenario>;
