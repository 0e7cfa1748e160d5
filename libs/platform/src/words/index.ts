export * from './english-words.js';
