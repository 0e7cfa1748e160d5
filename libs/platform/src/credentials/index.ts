export * from './secret-files.js';
export * from './token-exchange.js';
export * from './token-seal.js';
