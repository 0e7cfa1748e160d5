/** The retail example: recorded data and the conversations made of it. */
export * from './data.js';
