/** Statements that manifests declare, without any database. */
export * from './parameters.js';
export * from './statement.js';
