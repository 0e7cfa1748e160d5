export * from './certificates.js';
export * from './eventually.js';
export * from './heap-kept.js';
export * from './real-parts.js';
export { freePort } from '@toolfleet/local';
