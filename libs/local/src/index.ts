export * from './child-process.js';
export * from './free-port.js';
export * from './kafka/index.js';
export * from './postgres/index.js';
