export type { ExchangeRequest, ExchangeSink, ResponseHeaders } from './exchange.js';
export * from './fetch.js';
export * from './http-client.js';
export { networkFault } from './network-fault.js';
