export * from './outlet.js';
export * from './live-catalogue.js';
