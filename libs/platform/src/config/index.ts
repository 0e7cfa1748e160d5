export * from './fleet-settings.js';
export * from './load-config.js';
export * from './secret.js';
export * from './settings.js';
export * from './tls-settings.js';
