export * from './local-kafka.js';
