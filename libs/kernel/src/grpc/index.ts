/** gRPC methods by their descriptors, without any connection. */
export * from './descriptors.js';
