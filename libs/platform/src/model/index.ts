export * from './embeddings.js';
export * from './model-client.js';
export * from './http-model-client.js';
export { retriesSpent } from './model-fault.js';
