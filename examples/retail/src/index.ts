/** The retail example: the recorded data and the conversations made of it. */
export * from './conversations-file.js';
export * from './conversations.js';
export * from './data.js';
