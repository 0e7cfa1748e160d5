export * from './capacity-report.js';
export * from './propose.js';
export * from './tenant-reach.js';
export * from './traffic.js';
