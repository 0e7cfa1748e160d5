/** The demo as a library: for tests that judge a fleet by the recorded customers. */
export type { DemoRequest, FleetProcesses, SessionBus } from './fleet.js';
export { startChaos, type Chaos } from './chaos.js';
export { KafkaBus } from './kafka-bus.js';
export { runDemo, type DemoFindings, type DemoProgress, type DemoRun } from './run-demo.js';
export { openStage, type Stage, type StageOptions } from './stage.js';
export { isRight, summaryOf, type DemoSummary } from './summary.js';
export type { Verdict } from './verdict.js';
