/** The retail shop as a library: start it beside a test or the demo. */
export { startShop, type Shop, type ShopOptions } from './start.js';
export { faultEffects, type FaultEffect, type FaultRule } from './faults.js';
export { operations, methodOf, type Operation } from './operations.js';
export type { EffectCount } from './store.js';
export { ShopClient, type ShopCall, type ShopReply } from './client.js';
