export * from './batcher.js';
export * from './waits.js';
