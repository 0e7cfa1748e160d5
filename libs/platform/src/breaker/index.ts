export * from './adaptive-gate.js';
export * from './breaker.js';
export * from './breakers.js';
