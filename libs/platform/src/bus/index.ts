export * from './hand-over.js';
export * from './outlet.js';
export * from './neighbours.js';
export * from './live-catalogue.js';
export * from './live-breakers.js';
export * from './live-kills.js';
export * from './live-tuning.js';
export * from './status-board.js';
