export type { Budget } from './budget.js';
export * from './shape.js';
export * from './part.js';
export * from './scrub.js';
