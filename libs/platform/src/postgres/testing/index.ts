/** The suites that every implementation of a port passes; only specs import this folder. */
export * from './contract.js';
export * from './session-store.contract.js';
export * from './effect-ledger.contract.js';
export * from './open-effects.contract.js';
export * from './artifact-store.contract.js';
export * from './approval-store.contract.js';
export * from './waiting-room.contract.js';
export * from './subject-token-store.contract.js';
export * from './quota-store.contract.js';
export * from './memory-quota-store.js';
