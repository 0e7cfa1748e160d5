export * from './fault.js';
export * from './session/message.js';
export * from './toolcall/arguments.js';
