export * from './breaker.js';
export * from './breakers.js';
