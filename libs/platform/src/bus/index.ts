export * from './outlet.js';
export * from './live-catalogue.js';
export * from './live-breakers.js';
