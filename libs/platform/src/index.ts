export * from './batcher.js';
export * from './keep-newest.js';
export * from './waits.js';
