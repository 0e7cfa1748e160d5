export * from './model-client.js';
export * from './http-model-client.js';
