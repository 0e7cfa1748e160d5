export * from './package-definition.js';
