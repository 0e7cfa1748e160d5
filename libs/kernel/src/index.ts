export * from './fault.js';
export * from './session/message.js';
