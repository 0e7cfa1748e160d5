export { findRunningFleet, type FleetAddresses, type FleetClaim } from './fleet-state.js';
export { formatLogLine, type LogLine } from './log-line.js';
export type { Preparation } from './parts.js';
export { processesMax } from './plan.js';
export { RecentLines } from './recent-lines.js';
export { Screen, tellFailure, type ScreenStream } from './screen.js';
export type { FleetPorts } from './ports.js';
export { startFleet, type FleetOptions, type FleetProcess, type RunningFleet } from './start-fleet.js';
export * from './verify-audit.js';
