export { tokensOf } from './o200k.js';
