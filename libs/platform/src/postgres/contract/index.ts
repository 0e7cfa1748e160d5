/** The suites that every implementation of a port passes; only specs import this folder. */
export * from './contract.js';
export * from './session-store.contract.js';
