/** gRPC methods by their descriptors, and tools from them, without any connection. */
export * from './descriptors.js';
export * from './import-grpc.js';
