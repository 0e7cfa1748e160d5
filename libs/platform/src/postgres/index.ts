/** Everything that touches Postgres: the stores, their migrations and the pool. Nothing else imports `pg`. */
export type * from './ports/session-store.js';
export * from './ports/effect-ledger.js';
export type * from './ports/artifact-store.js';
export * from './ports/approval-store.js';
export type * from './ports/waiting-room.js';
export type * from './ports/quota-store.js';
export * from './pool.js';
export * from './database-fault.js';
export * from './migrate.js';
export * from './session-store.js';
export * from './effect-ledger.js';
export * from './artifact-store.js';
export * from './approval-store.js';
export * from './waiting-room.js';
export * from './quota-store.js';
export * from './foreign-database.js';
export type { ForeignAnswer } from './foreign-exchange.js';
