export * from './json-edge.js';
export * from './policy-codec.js';
export * from './rejection.js';
export * from './session-codec.js';
export * from './toolcall-codec.js';
export * from './topics.js';
export * from './tuning-codec.js';
export * from './wire.js';
