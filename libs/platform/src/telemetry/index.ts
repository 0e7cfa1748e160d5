export * from './event-loop.js';
export * from './health.js';
export * from './log.js';
export * from './metrics.js';
export * from './step-counter.js';
