export * from './breaker-codec.js';
export * from './json-edge.js';
export * from './policy-codec.js';
export * from './rejection.js';
export * from './session-codec.js';
export { decodeSessionRequest, encodeSessionRequest, priorityWords, requestFromWire } from './session-request-codec.js';
export * from './toolcall-codec.js';
export * from './topics.js';
export * from './wire.js';
