/** What is found out about an effect after the call: whether a lost one happened, and which version is current now. */
export * from './declared-read.js';
export * from './reconcile.js';
export * from './version-check.js';
