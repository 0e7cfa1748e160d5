export * from './eventually.js';
export * from './real-parts.js';
