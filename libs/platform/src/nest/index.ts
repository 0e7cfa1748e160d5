export * from './fault.filter.js';
export * from './role.js';
export * from './run-roles.js';
export * from './sweeper.js';
